import type { Clock } from '../../shared/clock.ts';
import type { GapChange } from '../../shared/events/tick.ts';
import type { IdRange } from '../../shared/id-ranges.ts';
import { type Gap, gapChange, type Hole } from '../../shared/ledger/gap.ts';
import type { SymbolLedger } from '../../shared/ledger/symbol-ledger.ts';
import { type MarketSymbol, type Micros, SECOND_US } from '../../shared/units.ts';
import { EdgeFills } from './edge-fills.ts';
import type { FeedTime } from './feed-time.ts';
import { HeldRecords } from './held-records.ts';
import type { LaneEntry, LanePort, LaneStart, WaitLimits } from './lane-port.ts';

/** A symbol that was quiet for this long gets a tick at the next whole second, so at least every 5 s. */
export const QUIET_US: Micros = 4 * SECOND_US;

/**
 * One symbol's way to the raw trades topic: trades in id order. A trade whose id is not the next waits, with all
 * that follows it, until the missing ones came, were given up, or the bound is reached.
 */
export class TradeLane {
  readonly symbol: MarketSymbol;
  readonly ledger: SymbolLedger;
  /** The trades at the edges of the open gaps. */
  readonly fills = new EdgeFills();
  /** The time of the sockets that carry this symbol. */
  readonly time: FeedTime;
  readonly #clock: Clock;
  readonly #port: LanePort;
  readonly #held: HeldRecords;
  /** Gaps that were told as open and are not settled. */
  readonly #told = new Set<Gap>();
  /** Trades of a told gap came since it was told. */
  #hasShrunk = false;
  #deliveredUs: Micros | null = null;
  #lastRecordUs: Micros = 0;
  #lastFrameUs: Micros = 0;
  #began = false;
  /** Where the watch begins; before its first frame known only where it reaches back beyond that. */
  #beganUs: Micros | null;
  #reachUs: Micros | null;
  readonly #plannedUs: Micros | null;

  constructor(
    ledger: SymbolLedger,
    time: FeedTime,
    clock: Clock,
    limits: WaitLimits,
    port: LanePort,
    options: LaneStart = {},
  ) {
    this.symbol = ledger.symbol;
    this.ledger = ledger;
    this.time = time;
    this.#clock = clock;
    this.#port = port;
    this.#held = new HeldRecords(clock, limits, {
      deliver: (entry) => this.#deliver(entry),
      onGap: (gap) => this.#open(gap),
      onBound: (gap) => this.#goOn(gap),
    });
    this.#began = options.began ?? false;
    this.#beganUs = options.beganUs ?? null;
    this.#reachUs = options.reachUs ?? null;
    this.#plannedUs = options.plannedUs ?? null;
  }

  /** Records that wait behind a gap. */
  get waiting(): number {
    return this.#held.size;
  }

  /** When the last record of this symbol went to the log; 0 before the first. */
  get lastRecordUs(): Micros {
    return this.#lastRecordUs;
  }

  /** When the last frame of this symbol came, whether it went on or waits; 0 before the first. */
  get lastFrameUs(): Micros {
    return this.#lastFrameUs;
  }

  /** Opens the watch session, once the sockets' first time is known. */
  begin(): void {
    if (this.#began || this.time.firstUs === null) return;
    const beganUs = this.#beganUs ?? this.time.firstUs;
    this.#began = true;
    this.#beganUs = beganUs;
    if (this.ledger.ids.count === 0) this.#reachUs ??= beganUs;
    this.#tick({ timeUs: beganUs, beganUs });
  }

  /** Whether the log has been told that the watch of this symbol began, by this run or an earlier one. */
  get hasBegun(): boolean {
    return this.#began;
  }

  /** Where the watch begins; null where it is not known yet, or an earlier run has told it. */
  get beganUs(): Micros | null {
    return this.#beganUs;
  }

  /** The first trade since then is still to be learned; null where it is known. */
  get reachUs(): Micros | null {
    return this.#reachUs;
  }

  /**
   * The first trade since then is what a start after this one has to learn, even where the word that the watch began
   * is still on its way to the log; null where nothing has to be.
   */
  get owedUs(): Micros | null {
    return this.#began || this.ledger.ids.count > 0 ? this.#reachUs : (this.#reachUs ?? this.#plannedUs);
  }

  /** It turned out that `nextId` was the first trade of the watch, which began at `sinceUs`. */
  reachBack(nextId: number, sinceUs: Micros): void {
    this.#reachUs = null;
    this.#beginEarlier(sinceUs);
    const gap = this.ledger.reachBack(nextId, sinceUs, this.#clock.nowUs());
    if (gap !== undefined) this.#open(gap);
  }

  /** An earlier task's watch is gone on with, of which the log was never told: it began with that one. */
  #beginEarlier(sinceUs: Micros): void {
    if (this.#beganUs !== null && this.#beganUs <= sinceUs) return;
    if (this.#began && this.#beganUs === null) return;
    this.#beganUs = sinceUs;
    if (this.#began) this.#tick({ timeUs: sinceUs, beganUs: sinceUs });
  }

  /** Takes up the gaps that the ledger brought along: they are told again and asked for. */
  resume(): void {
    for (const gap of [...this.ledger.gaps]) this.#open(gap);
  }

  /** The ids of trades that wait: seen, and not in the log yet. */
  waitingIds(): readonly number[] {
    return this.#held.tradeIds();
  }

  /** Takes a live frame of this symbol. For a trade, `tradeTimeUs` is its `T`. */
  offer(entry: LaneEntry, tradeTimeUs: Micros | null): void {
    const nowUs = this.#clock.nowUs();
    this.#lastFrameUs = nowUs;
    if (entry.tradeId === null || tradeTimeUs === null) {
      this.#held.pass(entry);
      return;
    }
    // Before the first delivery of this run, what is missing passed while nobody watched.
    const cause = this.#deliveredUs === null ? 'outage' : 'skipped';
    const seen = this.ledger.see(entry.tradeId, tradeTimeUs, nowUs, 'live', cause);
    switch (seen.kind) {
      case 'new':
      case 'duplicate':
        this.#held.pass(entry);
        return;
      case 'gap':
        this.#suspect(seen.gap);
        this.#held.pass(entry);
        this.#relieve();
        return;
      case 'fill':
        this.#fill(entry, seen.gap, seen.late);
        return;
      case 'implausible':
        this.#port.idDoubted(this.symbol, entry.tradeId);
        this.#held.pass({ ...entry, tradeId: null });
        return;
      case 'reset':
        this.#reset();
        this.#held.pass(entry);
    }
  }

  /** Takes a repaired record that stands for the trades `from`..`to`, none of which was seen. */
  repair(entry: LaneEntry, range: IdRange, tradeTimeUs: Micros): void {
    const filled = new Map<Gap, boolean>();
    for (let id = range.from; id <= range.to; id += 1) {
      const seen = this.ledger.see(id, tradeTimeUs, this.#clock.nowUs(), 'backfill');
      if (seen.kind === 'fill') filled.set(seen.gap, seen.late);
      else if (seen.kind === 'gap') this.#suspect(seen.gap);
    }
    const [first, ...rest] = filled;
    if (first === undefined) this.#held.pass(entry);
    else this.#fill(entry, ...first);
    for (const [gap, late] of rest) this.#filled(gap, late);
  }

  /** Nothing more will come for this gap. */
  giveUp(gap: Gap): void {
    if (gap.state !== 'open' || !this.ledger.gaps.includes(gap)) return;
    this.#tellOpen(gap);
    this.#told.delete(gap);
    this.ledger.giveUp(gap);
    this.#tellHoles();
    for (const hole of gap.holes) this.#port.gapChanged(this.symbol, gapChange(gap, 'unfillable', hole));
    this.fills.close(gap);
    this.#held.letGo(gap);
  }

  /** Stops waiting altogether: gaps that were only suspected are told, everything goes on. */
  release(): void {
    for (const gap of this.#held.gaps) this.#goOn(gap);
  }

  /** The feed has ended: what is missing stays missing, and what waits goes. */
  giveUpAll(): void {
    for (const gap of [...this.ledger.gaps]) this.giveUp(gap);
    this.tellShrunk();
    this.release();
  }

  /** Closes the watch session. */
  end(): void {
    this.giveUpAll();
    if (!this.#began || this.time.lastUs === null) return;
    // A trade that REST gave can be newer than the last frame of a quiet socket: the watch reached as far as that.
    const endedUs = Math.max(this.time.lastUs, this.ledger.highestTimeUs);
    this.#tick({ timeUs: endedUs, endedUs });
  }

  /** Tells what is left of the gaps that were told, where trades of them came. */
  tellShrunk(): void {
    if (this.#hasShrunk) this.#tellHoles();
  }

  /** Called every whole second: a quiet symbol gets a tick. */
  beat(nowUs: Micros): void {
    this.tellShrunk();
    if (!this.#began || this.time.lastUs === null || this.#held.size > 0) return;
    if (nowUs - this.#lastRecordUs >= QUIET_US) this.#tick({ timeUs: this.time.lastUs });
  }

  #suspect(gap: Gap): void {
    this.fills.open(gap);
    this.#held.hold(gap);
  }

  /** Tells a gap that was only suspected so far, and asks for its trades. */
  #open(gap: Gap): void {
    if (this.#told.has(gap) || gap.state !== 'open') return;
    this.#tellOpen(gap);
    if (!this.#port.requestRepair(gap)) this.giveUp(gap);
  }

  #tellOpen(gap: Gap): void {
    if (this.#told.has(gap)) return;
    this.#told.add(gap);
    this.#tellHoles();
    this.#port.gapChanged(this.symbol, gapChange(gap, 'open'));
  }

  /** The bound is reached: what waits behind this gap goes, and it is filled late. */
  #goOn(gap: Gap): void {
    this.#open(gap);
    this.#held.letGo(gap);
  }

  #fill(entry: LaneEntry, gap: Gap, late: boolean): void {
    this.#held.passInto(gap, entry);
    this.#filled(gap, late);
  }

  #filled(gap: Gap, late: boolean): void {
    if (gap.state === 'filled') {
      if (this.#told.delete(gap) || late) {
        this.#tellHoles();
        this.#port.gapChanged(this.symbol, gapChange(gap, 'filled'));
      }
      this.#held.letGo(gap);
    } else if (late || this.#told.has(gap)) {
      // With the next beat: a gap that was given up may be so large that all trades to come lie inside it.
      this.#hasShrunk = true;
    }
  }

  /** Gives up the oldest gap where too many are open. */
  #relieve(): void {
    for (let gap = this.ledger.excess(); gap !== undefined; gap = this.ledger.excess()) this.giveUp(gap);
  }

  #reset(): void {
    for (const gap of this.#told) {
      for (const hole of gap.holes)
        this.#tick({ timeUs: this.#toldUs(hole), gap: gapChange(gap, 'unfillable', hole) });
      this.#port.gapChanged(this.symbol, gapChange(gap, 'unfillable'));
    }
    this.#told.clear();
    this.ledger.told.clear();
    this.#held.letAllGo();
    this.#port.idsReset(this.symbol);
  }

  #deliver(entry: LaneEntry): void {
    if (entry.exchangeUs !== null && entry.exchangeUs > (this.#deliveredUs ?? 0))
      this.#deliveredUs = entry.exchangeUs;
    this.#lastRecordUs = this.#clock.nowUs();
    if (entry.record !== null) this.#port.deliver(entry.record);
  }

  #tellHoles(): void {
    this.#hasShrunk = false;
    for (const gap of this.ledger.tellings((gap) => this.#told.has(gap)))
      this.#tick({ timeUs: this.#toldUs(gap), gap });
  }

  /** A tick goes ahead of what waits, so it must not tell a time that only the waiting trades have reached. */
  #toldUs(hole: Hole): Micros {
    return this.#deliveredUs ?? this.time.firstUs ?? hole.beforeUs;
  }

  #tick(
    content: { readonly timeUs: Micros } & Partial<{ gap: GapChange; beganUs: Micros; endedUs: Micros }>,
  ): void {
    this.#lastRecordUs = this.#clock.nowUs();
    this.#port.tick({
      symbol: this.symbol,
      feed: 'trades',
      contiguousId: this.ledger.contiguousId,
      ...content,
    });
  }
}
