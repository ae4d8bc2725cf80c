import type { GapChange } from '../events/tick.ts';
import { IdRanges } from '../id-ranges.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import { type Gap, type GapCause, type Hole, holesWithout } from './gap.ts';
import { ToldHoles } from './told-holes.ts';

/** An id this close below the first one came out of order; one further below was not watched. */
const NEAR_FLOOR = 1_000;
const HOUR_US = 3_600_000_000;

/**
 * How far above the highest id one frame is believed: the first, and as much for each second since the highest, up to
 * the second. A trade further up counts once another one near it has come: one frame may have a wrong id.
 */
const PLAUSIBLE_JUMP = 1_000;
const PLAUSIBLE_JUMP_MAX = 1_000_000;

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
  | { readonly kind: 'reset' }
  /** Too far above the highest for one frame to be believed: it is not counted as seen yet. */
  | { readonly kind: 'implausible' };

/** The trade ids of a symbol that were seen, and the holes in them. Pure: times come in. */
export class SymbolLedger {
  readonly symbol: MarketSymbol;
  /** What the windows have been told of the holes. */
  readonly told: ToldHoles;
  #ids: IdRanges;
  #highestTimeUs: Micros = 0;
  /** Trade time of the lowest id that was watched. */
  #floorTimeUs: Micros = 0;
  /** A live trade whose id was too far above the highest. */
  #doubted: { readonly id: number; readonly timeUs: Micros } | undefined;
  /** Every gap that misses an id, in rising order: open ones and, bounded, those given up. */
  #gaps: Gap[] = [];

  constructor(
    symbol: MarketSymbol,
    ids: IdRanges = new IdRanges(),
    highestTimeUs: Micros = 0,
    told: ToldHoles = new ToldHoles(),
  ) {
    this.symbol = symbol;
    this.told = told;
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
    if (highest === undefined) this.#floorTimeUs = timeUs;
    if (id <= (highest ?? id) + 1 && timeUs > (this.#doubted?.timeUs ?? timeUs)) this.#doubted = undefined;
    if (highest === undefined || (id === highest + 1 && !this.#isExpected(id))) {
      this.#ids.add(id);
      this.#highestTimeUs = timeUs;
      return { kind: 'new' };
    }
    if (id > highest + 1) {
      if (source === 'live' && !this.#isPlausible(id, highest, timeUs)) {
        this.#doubted = { id, timeUs };
        return { kind: 'implausible' };
      }
      const gap = this.#openAbove(highest, id, timeUs, nowUs, cause);
      this.#ids.add(id);
      this.#highestTimeUs = timeUs;
      this.#believe(gap, id);
      return { kind: 'gap', gap };
    }
    if (id > highest) {
      this.#ids.add(id);
      this.#highestTimeUs = timeUs;
      return this.#fill(id, timeUs, nowUs, source);
    }
    if (id < (this.#ids.lowest ?? id) && timeUs > this.#highestTimeUs + HOUR_US) {
      this.#ids = new IdRanges();
      this.#gaps = [];
      this.#ids.add(id);
      this.#floorTimeUs = timeUs;
      this.#highestTimeUs = timeUs;
      return { kind: 'reset' };
    }
    const lowest = this.#ids.lowest ?? id;
    if (!this.#ids.add(id)) return { kind: 'duplicate' };
    if (id < lowest) return this.#below(id, lowest, timeUs, nowUs);
    return this.#fill(id, timeUs, nowUs, source);
  }

  /**
   * Whether a gap reaches above the highest id: trades that waited behind it when the task died are not in the log.
   */
  #isExpected(id: number): boolean {
    return (this.#gaps[this.#gaps.length - 1]?.to ?? -1) >= id;
  }

  #isPlausible(id: number, highest: number, timeUs: Micros): boolean {
    const seconds = 1 + Math.max(0, timeUs - this.#highestTimeUs) / 1_000_000;
    if (id - highest <= Math.min(PLAUSIBLE_JUMP_MAX, PLAUSIBLE_JUMP * seconds)) return true;
    const doubted = this.#doubted?.id;
    return doubted !== undefined && doubted !== id && Math.abs(id - doubted) <= PLAUSIBLE_JUMP;
  }

  /** Another trade confirmed the one that was doubted: it came, inside the gap that this one opened. */
  #believe(gap: Gap, id: number): void {
    const doubted = this.#doubted;
    this.#doubted = undefined;
    if (doubted === undefined || doubted.id >= id || doubted.id < gap.from) return;
    this.#ids.add(doubted.id);
    gap.holes = holesWithout(gap.holes, doubted.id, doubted.timeUs);
  }

  /** What is missing between the highest id and this one; gaps that reach above the highest become part of it. */
  #openAbove(highest: number, id: number, timeUs: Micros, nowUs: Micros, cause: GapCause): Gap {
    const holes: Hole[] = [];
    let beforeUs = this.#highestTimeUs;
    for (let last = this.#gaps.at(-1); last !== undefined && last.to > highest; last = this.#gaps.at(-1)) {
      const above = last.holes.find((hole) => hole.to > highest);
      beforeUs = Math.min(beforeUs, above?.beforeUs ?? last.beforeUs);
      holes.unshift(...last.holes.flatMap((hole) => this.#partsBelow(hole, highest)));
      last.state = 'filled';
      this.#gaps.pop();
    }
    holes.push({ from: highest + 1, to: id - 1, beforeUs, afterUs: timeUs });
    const [first] = holes;
    return this.open(
      first?.from ?? highest + 1,
      id - 1,
      { beforeUs: first?.beforeUs ?? beforeUs, afterUs: timeUs },
      nowUs,
      cause,
      holes,
    );
  }

  /** What is missing of a hole below the highest id. */
  #partsBelow(hole: Hole, highest: number): readonly Hole[] {
    if (hole.to < highest) return [hole];
    const missing = this.#ids.missingWithin(hole.from, highest);
    return missing.map((part) => ({ ...part, beforeUs: hole.beforeUs, afterUs: this.#highestTimeUs }));
  }

  #fill(id: number, timeUs: Micros, nowUs: Micros, source: 'live' | 'backfill'): Seen {
    // Usually one; after a start, an outage may reach over a gap that was open before it.
    const gaps = this.#gaps.filter((candidate) => candidate.from <= id && id <= candidate.to);
    const [gap] = gaps;
    if (gap === undefined) return { kind: 'new' };
    const late = gap.state === 'unfillable';
    for (const one of gaps) {
      one.holes = holesWithout(one.holes, id, timeUs);
      if (one.holes.length > 0) continue;
      one.state = 'filled';
      one.filledUs = nowUs;
      one.source = source;
      this.#gaps.splice(this.#gaps.indexOf(one), 1);
    }
    return { kind: 'fill', gap, late };
  }

  /** Frames that were swapped right at the start: what lies between was watched too. */
  #below(id: number, lowest: number, timeUs: Micros, nowUs: Micros): Seen {
    const edges = { beforeUs: timeUs, afterUs: Math.max(timeUs, this.#floorTimeUs) };
    this.#floorTimeUs = timeUs;
    if (lowest - id === 1 || lowest - id > NEAR_FLOOR) return { kind: 'new' };
    return { kind: 'gap', gap: this.open(id + 1, lowest - 1, edges, nowUs, 'skipped') };
  }

  /**
   * The watch began at `sinceUs` with trade `nextId`: what lies between it and the first that was seen is missing,
   * and comes back as a gap. Undefined where nothing is.
   */
  reachBack(nextId: number, sinceUs: Micros, nowUs: Micros): Gap | undefined {
    const lowest = this.#ids.lowest;
    if (lowest !== undefined && nextId >= lowest) return undefined;
    this.#ids.add(nextId - 1);
    const edges = { beforeUs: sinceUs, afterUs: Math.max(sinceUs, this.#floorTimeUs || this.#highestTimeUs) };
    this.#floorTimeUs = sinceUs;
    if (lowest !== undefined) return this.open(nextId, lowest - 1, edges, nowUs, 'first-start');
    this.#highestTimeUs = sinceUs;
    return undefined;
  }

  /** Notes that `from`..`to` are missing, or with `holes` that these of them are. */
  open(
    from: number,
    to: number,
    edges: { readonly beforeUs: Micros; readonly afterUs: Micros },
    nowUs: Micros,
    cause: GapCause,
    holes?: readonly Hole[],
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
      holes: holes ?? [{ from, to, beforeUs: edges.beforeUs, afterUs: edges.afterUs }],
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

  /** Gives a gap up: nothing more is expected of it. */
  giveUp(gap: Gap): void {
    gap.state = 'unfillable';
  }

  /**
   * What to tell the windows, so that they know of the holes of every gap that was given up and of every open one
   * that `isTold` names. It counts as told then.
   */
  tellings(isTold: (gap: Gap) => boolean): readonly GapChange[] {
    const wanted = this.#gaps.flatMap((gap) => {
      const state = gap.state === 'unfillable' ? ('unfillable' as const) : ('open' as const);
      return state === 'unfillable' || isTold(gap) ? gap.holes.map((hole) => ({ ...hole, state })) : [];
    });
    return this.told.update(wanted, ({ from, to }) => this.#ids.missingWithin(from, to));
  }
}
