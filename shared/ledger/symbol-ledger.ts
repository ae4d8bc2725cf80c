import type { GapChange } from '../events/tick.ts';
import { IdRanges } from '../id-ranges.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import { type Gap, type GapCause, gapChange } from './gap.ts';

const HOUR_US = 3_600_000_000;

/** Most gaps that a symbol keeps open; above it the oldest is given up. */
export const MAX_OPEN_GAPS = 1_000;

/** What a trade id told the ledger. */
export type Seen =
  /** The next id, or one below the first that was watched. */
  | { readonly kind: 'new' }
  | { readonly kind: 'duplicate' }
  /** Ids below it are missing. */
  | { readonly kind: 'gap'; readonly gap: Gap }
  /**
   * It was missing; `gap` is the hole that it belongs to, its state already brought up to date.
   * `late`: the gap had been given up.
   */
  | { readonly kind: 'fill'; readonly gap: Gap; readonly late: boolean }
  /** The exchange began to count anew (the testnet does that): the ledger holds this id alone now. */
  | { readonly kind: 'reset' };

/** The trade ids of a symbol that were seen, and the holes in them. Pure: times come in. */
export class SymbolLedger {
  readonly symbol: MarketSymbol;
  #ids: IdRanges;
  #highestTimeUs: Micros = 0;
  /** Trade time of the lowest id that this run saw. */
  #lowestTimeUs: Micros = 0;
  /** Every gap that misses an id, in rising order: open ones and, bounded, those given up. */
  #gaps: Gap[] = [];

  constructor(symbol: MarketSymbol, ids: IdRanges = new IdRanges(), highestTimeUs: Micros = 0) {
    this.symbol = symbol;
    this.#ids = ids;
    this.#highestTimeUs = highestTimeUs;
  }

  get ids(): IdRanges {
    return this.#ids;
  }

  /** Trade time of the highest id. */
  get highestTimeUs(): Micros {
    return this.#highestTimeUs;
  }

  /** Gaps that miss an id, in rising order. */
  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  /** The highest id below which none that was watched is missing; null before the first trade. */
  get contiguousId(): number | null {
    const first = this.#gaps[0];
    return first === undefined ? (this.#ids.highest ?? null) : first.from - 1;
  }

  /** Takes note of a trade with id `id` and trade time `timeUs`, seen at `nowUs`. */
  see(
    id: number,
    timeUs: Micros,
    nowUs: Micros,
    source: 'live' | 'backfill',
    cause: GapCause = 'skipped',
  ): Seen {
    const highest = this.#ids.highest;
    if (highest === undefined || id === highest + 1) {
      this.#ids.add(id);
      if (highest === undefined) this.#lowestTimeUs = timeUs;
      this.#highestTimeUs = timeUs;
      return { kind: 'new' };
    }
    if (id > highest) {
      const gap = this.open(
        highest + 1,
        id - 1,
        { beforeUs: this.#highestTimeUs, afterUs: timeUs },
        nowUs,
        cause,
      );
      this.#ids.add(id);
      this.#highestTimeUs = timeUs;
      return { kind: 'gap', gap };
    }
    if (id < (this.#ids.lowest ?? id) && timeUs > this.#highestTimeUs + HOUR_US) {
      this.#ids = new IdRanges();
      this.#gaps = [];
      this.#ids.add(id);
      this.#highestTimeUs = timeUs;
      return { kind: 'reset' };
    }
    const lowest = this.#ids.lowest;
    if (!this.#ids.add(id)) return { kind: 'duplicate' };
    if (lowest !== undefined && id < lowest) this.#lowestTimeUs = timeUs;
    const gap = this.#gaps.find((candidate) => candidate.from <= id && id <= candidate.to);
    if (gap === undefined) return { kind: 'new' };
    const late = gap.state === 'unfillable';
    if (this.#ids.missingWithin(gap.from, gap.to).length === 0) {
      gap.state = 'filled';
      gap.filledUs = nowUs;
      gap.source = source;
      this.#gaps.splice(this.#gaps.indexOf(gap), 1);
    }
    return { kind: 'fill', gap, late };
  }

  /**
   * The watch began at `sinceUs` with trade `nextId`: what lies between it and the first that was seen is missing,
   * and comes back as a gap. Undefined where nothing is.
   */
  reachBack(nextId: number, sinceUs: Micros, nowUs: Micros): Gap | undefined {
    const lowest = this.#ids.lowest;
    if (lowest !== undefined && nextId >= lowest) return undefined;
    this.#ids.add(nextId - 1);
    if (lowest === undefined) {
      this.#highestTimeUs = sinceUs;
      this.#lowestTimeUs = sinceUs;
      return undefined;
    }
    const edges = { beforeUs: sinceUs, afterUs: this.#lowestTimeUs || this.#highestTimeUs };
    return this.open(nextId, lowest - 1, edges, nowUs, 'first-start');
  }

  /** Notes that `from`..`to` are missing. The caller knows that none of them was seen. */
  open(
    from: number,
    to: number,
    edges: { readonly beforeUs: Micros; readonly afterUs: Micros },
    nowUs: Micros,
    cause: GapCause,
  ): Gap {
    const gap: Gap = {
      symbol: this.symbol,
      from,
      to,
      cause,
      openedUs: nowUs,
      beforeUs: edges.beforeUs,
      afterUs: edges.afterUs,
      state: 'open',
      filledUs: null,
      source: null,
    };
    let at = this.#gaps.length;
    while (at > 0 && (this.#gaps[at - 1]?.from ?? 0) > from) at -= 1;
    this.#gaps.splice(at, 0, gap);
    return gap;
  }

  /** The gap that must be given up because too many are open; undefined while there is room. */
  excess(): Gap | undefined {
    if (this.#gaps.length <= MAX_OPEN_GAPS) return undefined;
    const open = this.#gaps.filter((gap) => gap.state === 'open');
    if (open.length > MAX_OPEN_GAPS) return open.reduce((a, b) => (b.openedUs < a.openedUs ? b : a));
    // Those given up are kept so that a late trade can still take them back; the lowest are forgotten first.
    const settled = this.#gaps.findIndex((gap) => gap.state === 'unfillable');
    if (this.#gaps.length > 2 * MAX_OPEN_GAPS && settled >= 0) this.#gaps.splice(settled, 1);
    return undefined;
  }

  /**
   * Gives a gap up and returns what to tell: each part that is still missing as unfillable and, where some of
   * it had come, each part that was seen as filled.
   */
  giveUp(gap: Gap): readonly GapChange[] {
    gap.state = 'unfillable';
    const missing = this.#ids.missingWithin(gap.from, gap.to);
    const changes: GapChange[] = [];
    let next = gap.from;
    for (const part of missing) {
      if (part.from > next) changes.push(gapChange(gap, 'filled', { from: next, to: part.from - 1 }));
      changes.push(gapChange(gap, 'unfillable', part));
      next = part.to + 1;
    }
    if (next <= gap.to) changes.push(gapChange(gap, 'filled', { from: next, to: gap.to }));
    return changes;
  }
}
