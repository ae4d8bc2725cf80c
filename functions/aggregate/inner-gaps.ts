import { isMissing, type ToldGap } from '../../shared/window/gap-changes.ts';
import type { Pane } from '../../shared/window/pane.ts';

/** The gaps that begin and end within a range of panes. */
export interface InnerGaps {
  /** How many of them have an edge in a pane, by its index. */
  readonly edges: ReadonlyMap<number, number>;
  /** Whether a gap told of in a pane of the range is one of them. */
  has(gap: ToldGap): boolean;
}

/** The gaps that miss ids and have both edges in the panes from index `start` up to, not including, `end`. */
export function innerGaps(panes: ReadonlyMap<number, Pane>, start: number, end: number): InnerGaps {
  const has = (gap: ToldGap): boolean => isMissing(gap.told) && gap.afterPane >= start && gap.afterPane < end;
  const edges = new Map<number, number>();
  for (const pane of panes.values()) {
    if (pane.index < start || pane.index >= end) continue;
    for (const gap of pane.toldGaps.filter(has)) {
      for (const index of new Set([pane.index, gap.afterPane])) edges.set(index, (edges.get(index) ?? 0) + 1);
    }
  }
  return { edges, has };
}
