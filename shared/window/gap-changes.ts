import type { GapChange, GapState } from '../events/tick.ts';

/** What has been told of one gap: a set of states, since each counts once in whatever order they come. */
export interface ToldGap {
  readonly from: number;
  readonly to: number;
  /** The pane of the trade after it. */
  readonly afterPane: number;
  told: number;
}

const BIT: Readonly<Record<GapState, number>> = { open: 1, unfillable: 2, filled: 4 };
/** Every id of it was folded: known here, whatever was told. */
const CAME = 8;

/** Whether a gap of which these states were told still marks its windows. */
export function isMissing(told: number): boolean {
  return told !== 0 && (told & (BIT.filled | CAME)) === 0;
}

/**
 * Enters a change among what has been told. Returns undefined where it is no news, else how the number of
 * gaps changes: 1 for a new one, -1 for one that is filled, 0 where its windows stay marked as they are.
 */
export function tellGap(told: ToldGap[], change: GapChange, afterPane: number): -1 | 0 | 1 | undefined {
  const known = told.find((gap) => gap.from === change.from && gap.to === change.to);
  const before = known?.told ?? 0;
  const after = before | BIT[change.state];
  if (after === before) return undefined;
  if (known === undefined) told.push({ from: change.from, to: change.to, afterPane, told: after });
  else known.told = after;
  if (isMissing(before) === isMissing(after)) return 0;
  return isMissing(after) ? 1 : -1;
}

/**
 * Every id of the gap was folded. Several ingestors, or one that was killed, tell of one hole in different
 * bounds, and what one has opened the other does not know how to close.
 */
export function noteAllCame(gap: ToldGap): void {
  gap.told |= CAME;
}
