import type { GapChange, GapState } from '../events/tick.ts';
import type { IdRange } from '../id-ranges.ts';
import type { MarketSymbol, Micros } from '../units.ts';

/** Why ids are missing. */
export type GapCause =
  /** A trade came whose id is not the next. */
  | 'skipped'
  /** The monitor was down or the sockets were cut. */
  | 'outage'
  /** The fill of the first start. */
  | 'first-start';

/** Ids that are missing in one piece, with the times of the trades just before and just after them. */
export interface Hole extends IdRange {
  readonly beforeUs: Micros;
  readonly afterUs: Micros;
}

/** A hole in the trade ids of a symbol as it was found: all of `from`..`to` were missing then. */
export interface Gap extends Hole {
  readonly symbol: MarketSymbol;
  readonly cause: GapCause;
  readonly openedUs: Micros;
  state: GapState;
  /** When the last of its ids came; null while one is missing. */
  filledUs: Micros | null;
  /** What filled it; null while open. */
  source: 'live' | 'backfill' | null;
  /** What of it is missing now, in rising order. */
  holes: readonly Hole[];
}

/** The change of a gap, or of a part of it. */
export function gapChange(gap: Gap, state: GapState, part: Hole = gap): GapChange {
  return { from: part.from, to: part.to, state, beforeUs: part.beforeUs, afterUs: part.afterUs };
}

/** What is left of holes once the trade `id` came, whose time is the new edge on both sides. */
export function holesWithout(holes: readonly Hole[], id: number, timeUs: Micros): readonly Hole[] {
  const at = holes.findIndex((hole) => hole.from <= id && id <= hole.to);
  const hole = holes[at];
  if (hole === undefined) return holes;
  const left: Hole[] = [];
  if (hole.from < id) left.push({ ...hole, to: id - 1, afterUs: timeUs });
  if (id < hole.to) left.push({ ...hole, from: id + 1, beforeUs: timeUs });
  return [...holes.slice(0, at), ...left, ...holes.slice(at + 1)];
}
