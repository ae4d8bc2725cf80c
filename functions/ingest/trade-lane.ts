import type { Clock, Timer } from '../../shared/clock.ts';
import type { GapChange } from '../../shared/events/tick.ts';
import { type Gap, gapChange } from '../../shared/ledger/gap.ts';
import type { SymbolLedger } from '../../shared/ledger/symbol-ledger.ts';
import { type MarketSymbol, type Micros, SECOND_US } from '../../shared/units.ts';
import type { FeedTime } from './feed-time.ts';
import type { LaneEntry, LanePort, LaneStart, WaitLimits } from './lane-port.ts';

/** A symbol that was quiet for this long gets a tick at the next whole second, so at least every 5 s. */
export const QUIET_US: Micros = 4 * SECOND_US;

interface Wait {
  readonly gap: Gap;
  timer: Timer;
}

/**
 * One symbol's way to the raw trades topic: trades in id order. A trade whose id is not the next waits, with all
 * that follows it, until the missing ones came, were given up, or the bound is reached.
 */
export class TradeLane {
  readonly symbol: MarketSymbol;
  readonly ledger: SymbolLedger;
  /** The time of the sockets that carry this symbol. */
  readonly time: FeedTime;
  readonly #clock: Clock;
  readonly #limits: WaitLimits;
  readonly #port: LanePort;
  /** What waits, in the order in which it will go. */
  readonly #queue: LaneEntry[] = [];
  /** Gaps that something waits behind, the lowest first. */
  #waits: Wait[] = [];
  /** Gaps that were told as open and are not settled. */
  readonly #told = new Set<Gap>();
  #deliveredUs: Micros | null = null;
  #lastRecordUs: Micros = 0;
  #began = false;
  /** Where the watch begins; before its first frame known only where it reaches back beyond that. */
  #beganUs: Micros | null;
  #reachUs: Micros | null;

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
    this.#limits = limits;
    this.#port = port;
    this.#began = options.began ?? false;
    this.#beganUs = options.beganUs ?? null;
    this.#reachUs = options.reachUs ?? null;
  }

  /** Records that wait behind a gap. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** When the last record of this symbol went to the log; 0 before the first. */
  get lastRecordUs(): Micros {
    return this.#lastRecordUs;
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

  /** It turned out that `nextId` was the first trade of the watch, which began at `sinceUs`. */
  reachBack(nextId: number, sinceUs: Micros): void {
    this.#reachUs = null;
    const gap = this.ledger.reachBack(nextId, sinceUs, this.#clock.nowUs());
    if (gap !== undefined) this.#open(gap);
  }

  /** Takes up the gaps that the ledger brought along: they are told again and asked for. */
  resume(): void {
    for (const gap of [...this.ledger.gaps]) this.#open(gap);
  }

  /** The ids of trades that wait: seen, and not in the log yet. */
  waitingIds(): readonly number[] {
    return this.#queue.flatMap((entry) => (entry.tradeId === null ? [] : [entry.tradeId]));
  }

  /** Takes a live frame of this symbol. For a trade, `tradeTimeUs` is its `T`. */
  offer(entry: LaneEntry, tradeTimeUs: Micros | null): void {
    if (entry.tradeId === null || tradeTimeUs === null) {
      this.#pass(entry);
      return;
    }
    const nowUs = this.#clock.nowUs();
    // Before the first delivery of this run, what is missing passed while nobody watched.
    const cause = this.#deliveredUs === null ? 'outage' : 'skipped';
    const seen = this.ledger.see(entry.tradeId, tradeTimeUs, nowUs, 'live', cause);
    switch (seen.kind) {
      case 'new':
      case 'duplicate':
        this.#pass(entry);
        return;
      case 'gap':
        this.#suspect(seen.gap);
        this.#pass(entry);
        this.#relieve();
        return;
      case 'fill':
        this.#fill(entry, seen.gap, seen.late);
        return;
      case 'reset':
        this.#reset();
        this.#pass(entry);
    }
  }

  /**
   * Takes a repaired record that stands for the trades `from`..`to`. Returns false, and delivers nothing, where
   * one of them was seen: an aggregate cannot be taken in part.
   */
  repair(
    entry: LaneEntry,
    range: { readonly from: number; readonly to: number },
    tradeTimeUs: Micros,
  ): boolean {
    const [missing] = this.ledger.ids.missingWithin(range.from, range.to);
    if (missing?.from !== range.from || missing.to !== range.to) return false;
    const filled = new Map<Gap, boolean>();
    for (let id = range.from; id <= range.to; id += 1) {
      const seen = this.ledger.see(id, tradeTimeUs, this.#clock.nowUs(), 'backfill');
      if (seen.kind === 'fill') filled.set(seen.gap, seen.late);
    }
    const [first, ...rest] = filled;
    if (first === undefined) this.#pass(entry);
    else this.#fill(entry, ...first);
    for (const [gap, late] of rest) this.#filled(gap, late, entry);
    return true;
  }

  /** Nothing more will come for this gap. */
  giveUp(gap: Gap): void {
    if (gap.state !== 'open' || !this.ledger.gaps.includes(gap)) return;
    if (!this.#told.delete(gap)) this.#tellChange(gapChange(gap, 'open'));
    for (const change of this.ledger.giveUp(gap)) this.#tellChange(change);
    this.#stopWaiting(gap);
  }

  /** Stops waiting altogether: gaps that were only suspected are told, everything goes on. */
  release(): void {
    for (const { gap } of [...this.#waits]) this.#goOn(gap);
  }

  /** The feed has ended: what is missing stays missing, and what waits goes. */
  giveUpAll(): void {
    for (const gap of [...this.ledger.gaps]) this.giveUp(gap);
    this.release();
  }

  /** Closes the watch session. */
  end(): void {
    this.giveUpAll();
    if (this.#began && this.time.lastUs !== null)
      this.#tick({ timeUs: this.time.lastUs, endedUs: this.time.lastUs });
  }

  /** Called every whole second: a quiet symbol gets a tick. */
  beat(nowUs: Micros): void {
    if (!this.#began || this.time.lastUs === null || this.#queue.length > 0) return;
    if (nowUs - this.#lastRecordUs >= QUIET_US) this.#tick({ timeUs: this.time.lastUs });
  }

  #pass(entry: LaneEntry): void {
    if (this.#waits.length === 0) {
      this.#deliver(entry);
      return;
    }
    this.#queue.push(entry);
    const first = this.#waits[0];
    if (this.#queue.length > this.#limits.maxRecords && first !== undefined) this.#goOn(first.gap);
  }

  #suspect(gap: Gap): void {
    const wait: Wait = {
      gap,
      timer: this.#clock.after(this.#limits.graceMs, () => {
        wait.timer = this.#clock.after(this.#limits.maxMs, () => this.#goOn(gap));
        this.#open(gap);
      }),
    };
    this.#waits.push(wait);
  }

  /** Tells a gap that was only suspected so far, and asks for its trades. */
  #open(gap: Gap): void {
    if (this.#told.has(gap) || gap.state !== 'open') return;
    this.#told.add(gap);
    this.#tellChange(gapChange(gap, 'open'));
    if (!this.#port.requestRepair(gap)) this.giveUp(gap);
  }

  /** The bound is reached: what waits behind this gap goes, and it is filled late. */
  #goOn(gap: Gap): void {
    this.#open(gap);
    this.#stopWaiting(gap);
  }

  #fill(entry: LaneEntry, gap: Gap, late: boolean): void {
    const at = this.#waits.findIndex((wait) => wait.gap === gap);
    if (at <= 0) this.#deliver(entry);
    else this.#insert(entry);
    this.#filled(gap, late, entry);
  }

  #filled(gap: Gap, late: boolean, entry: LaneEntry): void {
    if (late) {
      const id = entry.tradeId ?? gap.from;
      this.#tellChange(gapChange(gap, 'filled', { from: id, to: id }));
    } else if (gap.state === 'filled') {
      if (this.#told.delete(gap)) this.#tellChange(gapChange(gap, 'filled'));
      this.#stopWaiting(gap);
    }
  }

  #insert(entry: LaneEntry): void {
    let at = this.#queue.length;
    while (at > 0) {
      const before = this.#queue[at - 1];
      if (before?.tradeId !== null && (before?.tradeId ?? 0) < (entry.tradeId ?? 0)) break;
      at -= 1;
    }
    this.#queue.splice(at, 0, entry);
  }

  #stopWaiting(gap: Gap): void {
    for (const wait of this.#waits) if (wait.gap === gap) wait.timer.cancel();
    this.#waits = this.#waits.filter((wait) => wait.gap !== gap);
    let count = 0;
    const holdFrom = this.#waits[0]?.gap.from ?? Number.POSITIVE_INFINITY;
    for (const entry of this.#queue) {
      if (entry.tradeId !== null && entry.tradeId > holdFrom) break;
      count += 1;
    }
    for (const entry of this.#queue.splice(0, count)) this.#deliver(entry);
  }

  /** Gives up the oldest gap where too many are open. */
  #relieve(): void {
    for (let gap = this.ledger.excess(); gap !== undefined; gap = this.ledger.excess()) this.giveUp(gap);
  }

  #reset(): void {
    for (const gap of this.#told) this.#tellChange(gapChange(gap, 'unfillable'));
    this.#told.clear();
    for (const wait of this.#waits) wait.timer.cancel();
    this.#waits = [];
    for (const entry of this.#queue.splice(0)) this.#deliver(entry);
    this.#port.idsReset(this.symbol);
  }

  #deliver(entry: LaneEntry): void {
    if (entry.exchangeUs !== null && entry.exchangeUs > (this.#deliveredUs ?? 0))
      this.#deliveredUs = entry.exchangeUs;
    this.#lastRecordUs = this.#clock.nowUs();
    if (entry.record !== null) this.#port.deliver(entry.record);
  }

  #tellChange(change: GapChange): void {
    // The tick goes ahead of what waits, so it must not tell a time that only the waiting trades have reached.
    const timeUs = this.#deliveredUs ?? this.time.firstUs ?? change.beforeUs;
    this.#tick({ timeUs, gap: change });
    this.#port.gapChanged(this.symbol, change);
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
