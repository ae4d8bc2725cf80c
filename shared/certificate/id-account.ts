import type { MarketEvent } from '../events/market-event.ts';
import type { GapChange } from '../events/tick.ts';
import { type IdRange, IdRanges } from '../id-ranges.ts';
import type { Micros } from '../units.ts';
import { PANE_US } from '../window/resolution.ts';

/** The account of the trade ids of one symbol. `expected` = `received` + `repaired` + `missing` + `untold`. */
export interface IdTotals {
  /** Ids that the exchange issued while the symbol was watched. */
  readonly expected: number;
  /** Distinct ids that came over the sockets or from the recording. */
  readonly received: number;
  /** Distinct ids that came by repair alone. */
  readonly repaired: number;
  /** Copies beyond the first. */
  readonly duplicate: number;
  /** Distinct ids that came when the watermark had passed their 10-second window. */
  readonly late: number;
  /** Ids that are missing and were told as a gap. */
  readonly missing: number;
  /** Ids that are missing without a word; above 0 a promise is broken. */
  readonly untold: number;
  /** Ids between two watch sessions: nobody was to see them. */
  readonly unwatched: number;
}

/** A stretch of time, the end not included. */
export interface TimeRange {
  readonly fromUs: Micros;
  readonly toUs: Micros;
}

/** Works out the account of one symbol from the events of its raw records, given in log order. */
export class IdAccount {
  /** Every id that is in the log, within the range of time. */
  readonly ids = new IdRanges();
  readonly #live = new IdRanges();
  readonly #told = new Map<string, GapChange>();
  readonly #began: Micros[] = [];
  readonly #delayUs: Micros;
  readonly #range: TimeRange | undefined;
  #copies = 0;
  #late = 0;
  #maxEventUs: Micros = -1;
  #isEnded = false;

  /** `delayUs`: how far the watermark stays behind. `range`: only trades of this time count. */
  constructor(delayUs: Micros, range?: TimeRange) {
    this.#delayUs = delayUs;
    this.#range = range;
  }

  /** The newest event time of the symbol, ticks included; -1 without any. */
  get lastEventUs(): Micros {
    return this.#maxEventUs;
  }

  note(event: MarketEvent): void {
    switch (event.kind) {
      case 'trade':
        this.#trade(event.tradeId, event.tradeId, event.tradeTimeUs, event.source === 'backfill');
        return;
      case 'aggTrade':
        if (event.source === 'backfill')
          this.#trade(event.firstTradeId, event.lastTradeId, event.tradeTimeUs, true);
        return;
      case 'kline':
        this.#advance(event.endTimeUs);
        return;
      case 'tick':
        if (event.feed !== 'trades') return;
        if (event.gap !== null) this.#tell(event.gap);
        if (event.beganUs !== null) this.#began.push(event.beganUs);
        this.#isEnded = event.endedUs !== null;
        this.#advance(event.timeUs);
        return;
      case 'quote':
        return;
    }
  }

  /** Holes in the ids that no tick tells of; their edges must be looked up to know whether anybody watched. */
  unexplained(): readonly IdRange[] {
    const told = new IdRanges();
    for (const { from, to } of this.#told.values()) told.addRange(from, to);
    return this.ids.holes().flatMap(({ from, to }) => told.missingWithin(from, to));
  }

  /** `timeOf` gives the trade time of an id at the edge of an {@link unexplained} hole. */
  totals(timeOf: (id: number) => Micros | undefined): IdTotals {
    let untold = 0;
    let unwatched = 0;
    for (const { from, to } of this.unexplained()) {
      const before = timeOf(from - 1);
      const after = timeOf(to + 1);
      const isBetween =
        before !== undefined && after !== undefined && this.#began.some((at) => at > before && at <= after);
      if (isBetween) unwatched += to - from + 1;
      else untold += to - from + 1;
    }
    const received = this.#live.count;
    const repaired = this.ids.count - received;
    const missing = this.#missing();
    return {
      expected: received + repaired + missing + untold,
      received,
      repaired,
      duplicate: this.#copies - this.ids.count,
      late: this.#late,
      missing,
      untold,
      unwatched,
    };
  }

  #trade(from: number, to: number, timeUs: Micros, isBackfill: boolean): void {
    if (this.#range !== undefined && (timeUs < this.#range.fromUs || timeUs >= this.#range.toUs)) {
      this.#advance(timeUs);
      return;
    }
    this.#copies += to - from + 1;
    const added = this.ids.addRange(from, to);
    if (!isBackfill) this.#live.addRange(from, to);
    if (added > 0 && this.#isClosed(timeUs)) this.#late += added;
    this.#advance(timeUs);
  }

  #isClosed(timeUs: Micros): boolean {
    if (this.#isEnded) return timeUs <= this.#maxEventUs;
    return Math.floor(timeUs / PANE_US) < Math.floor((this.#maxEventUs - this.#delayUs) / PANE_US);
  }

  #advance(timeUs: Micros): void {
    if (timeUs > this.#maxEventUs) this.#maxEventUs = timeUs;
  }

  #tell(gap: GapChange): void {
    const key = `${gap.from}-${gap.to}`;
    if (gap.state === 'filled') this.#told.delete(key);
    else this.#told.set(key, gap);
  }

  /** Told ids that are in the log nowhere; of a gap that reaches beyond the range of time, all. */
  #missing(): number {
    const missing = new IdRanges();
    for (const gap of this.#told.values()) {
      const { beforeUs, afterUs } = gap;
      if (this.#range !== undefined && (afterUs < this.#range.fromUs || beforeUs >= this.#range.toUs))
        continue;
      for (const { from, to } of this.ids.missingWithin(gap.from, gap.to)) missing.addRange(from, to);
    }
    return missing.count;
  }
}
