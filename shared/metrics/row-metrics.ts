import { VERSION_CONFLICT, type WriteOutcome } from '../row.ts';
import type { MetricBatch } from './metric-batch.ts';
import { METRICS } from './metric-catalogue.ts';

/** The metrics of rows handed to the store. A conflict is a broken invariant and counted apart from refusals. */
export function addRowMetrics(batch: MetricBatch, outcome: Pick<WriteOutcome, 'written' | 'refused'>): void {
  const conflicting = outcome.refused.filter(({ reason }) => reason === VERSION_CONFLICT).length;
  batch.add(METRICS.rowsWritten, outcome.written);
  batch.add(METRICS.rowsRejected, outcome.refused.length - conflicting);
  batch.add(METRICS.rowsConflicting, conflicting);
}
