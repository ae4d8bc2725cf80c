import type { Micros } from '../../shared/units.ts';
import { Pane } from '../../shared/window/pane.ts';
import { type InnerGaps, innerGaps } from './inner-gaps.ts';
import { clonePane } from './pane-blocks.ts';
import { samePane } from './same-pane.ts';
import { sameTrades } from './same-trades.ts';

type Panes = ReadonlyMap<number, Pane>;

/**
 * The panes from index `start` up to, not including, `end` as a rebuild from files leaves them. Files know the trades
 * and where the watch of their recorder began and ended, but nothing of how trades came to the state: where both hold
 * the same ones, the pane stays as it is known, and only its gaps are those of the files. A gap that reaches beyond
 * the range stays told. `reach` is the number of panes of the largest window.
 */
export function mergeFiles(
  known: Panes,
  folded: Panes,
  range: { readonly start: number; readonly end: number },
  reach: number,
): readonly Pane[] {
  const { start, end } = range;
  const gaps = { known: innerGaps(known, start, end), folded: innerGaps(folded, start, end) };
  const gained = new Set<number>();
  for (const pane of folded.values()) {
    if (!sameTrades(known.get(pane.index) ?? new Pane(pane.index), pane)) gained.add(pane.index);
  }
  const isNear = (index: number): boolean => {
    for (let near = index - reach; near <= index + reach; near += 1) if (gained.has(near)) return true;
    return false;
  };
  return [...folded.values()]
    .filter((pane) => pane.index >= start && pane.index < end)
    .map((pane) => {
      const before = known.get(pane.index) ?? new Pane(pane.index);
      const merged = clonePane(gained.has(pane.index) ? pane : before);
      takeGaps(merged, before, pane, gaps);
      merged.witness = before.witness ?? pane.witness;
      merged.asked = before.asked;
      if (before.figures.count > 0) {
        if (!gained.has(pane.index)) return merged;
        merged.beganUs = bothOr(before.beganUs, pane.beganUs, Math.min);
        merged.endedUs = bothOr(before.endedUs, pane.endedUs, Math.max);
      } else if (isNear(pane.index)) {
        // Where only the files watched, their bounds are those of the windows.
        merged.beganUs ??= pane.beganUs;
        merged.endedUs ??= pane.endedUs;
      }
      return merged;
    })
    .filter((pane) => known.has(pane.index) || !samePane(pane, new Pane(pane.index)));
}

function takeGaps(
  merged: Pane,
  before: Pane,
  pane: Pane,
  gaps: { readonly known: InnerGaps; readonly folded: InnerGaps },
): void {
  const reaching = (of: Pane, inner: InnerGaps): number => of.gaps - (inner.edges.get(of.index) ?? 0);
  merged.gaps =
    (gaps.folded.edges.get(pane.index) ?? 0) +
    Math.max(0, reaching(before, gaps.known), reaching(pane, gaps.folded));
  const told = [
    ...before.toldGaps.filter((gap) => !gaps.known.has(gap)),
    ...pane.toldGaps.filter(gaps.folded.has),
  ];
  merged.toldGaps.splice(0, merged.toldGaps.length, ...told);
}

/** Whoever watched on where the other began or ended saw what the other did not: only two bounds make one. */
function bothOr(a: Micros | null, b: Micros | null, outer: (a: Micros, b: Micros) => Micros): Micros | null {
  return a === null || b === null ? null : outer(a, b);
}
