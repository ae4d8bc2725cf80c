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

/** A hole in the trade ids of a symbol: `from`..`to` were missing when it was found. */
export interface Gap extends IdRange {
  readonly symbol: MarketSymbol;
  readonly cause: GapCause;
  readonly openedUs: Micros;
  /** The times of the trades just before and just after it. */
  readonly beforeUs: Micros;
  readonly afterUs: Micros;
  state: GapState;
  /** When the last of its ids came; null while one is missing. */
  filledUs: Micros | null;
  /** What filled it; null while open. */
  source: 'live' | 'backfill' | null;
}

/** The change of a gap, or of a part of it, as a tick tells it. */
export function gapChange(gap: Gap, state: GapState, part: IdRange = gap): GapChange {
  return { from: part.from, to: part.to, state, beforeUs: gap.beforeUs, afterUs: gap.afterUs };
}
