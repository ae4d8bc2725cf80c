import type { Micros } from '../units.ts';
import type { Pane, RevisionReason } from './pane.ts';
import { PANE_US } from './resolution.ts';

/** How whole a window is, from best to worst. */
export const COVERAGES = ['complete', 'repaired', 'repaired-aggregate', 'partial', 'gap'] as const;
export type Coverage = (typeof COVERAGES)[number];

/** The columns of a candle that say how it came about, `audit` and `final` aside. */
export interface Provenance {
  readonly coverage: Coverage;
  /** Events that changed the window after it was final. */
  readonly revision: number;
  readonly reason: RevisionReason | null;
}

/** The provenance of the window of `panes` that spans pane `start` up to, not including, pane `end`. */
export function provenanceOf(panes: readonly Pane[], start: number, end: number): Provenance {
  let coverage: Coverage = 'complete';
  let revision = 0;
  let latest = -1;
  let reason: RevisionReason | null = null;
  const marks = new Set<number>();
  for (const pane of panes) {
    coverage = worse(coverage, paneCoverage(pane, start * PANE_US, end * PANE_US));
    for (const entry of pane.late) {
      if (entry.openPane < end) continue;
      revision += entry.count;
      if (entry.sequence > latest) {
        latest = entry.sequence;
        reason = entry.reason;
      }
    }
    for (const mark of pane.gapMarks) {
      if (mark.openPane < end || marks.has(mark.sequence)) continue;
      marks.add(mark.sequence);
      if (mark.reason !== 'rebuild') revision += 1;
      if (mark.sequence > latest) {
        latest = mark.sequence;
        reason = mark.reason;
      }
    }
  }
  return { coverage, revision, reason };
}

/** The worse of two coverages. */
export function worse(a: Coverage, b: Coverage): Coverage {
  return COVERAGES.indexOf(a) >= COVERAGES.indexOf(b) ? a : b;
}

function paneCoverage(pane: Pane, startUs: Micros, endUs: Micros): Coverage {
  if (pane.gaps > 0) return 'gap';
  if (pane.beganUs !== null && pane.beganUs > startUs) return 'partial';
  if (pane.endedUs !== null && pane.endedUs < endUs) return 'partial';
  if (pane.repairedByAggregate) return 'repaired-aggregate';
  return pane.repaired ? 'repaired' : 'complete';
}
