import type { MetricBatch } from '../../../shared/metrics/metric-batch.ts';
import { METRICS } from '../../../shared/metrics/metric-catalogue.ts';
import type { RowWriter } from '../../../shared/row.ts';
import { VERSION_CONFLICT } from './row-writer.ts';

/** A row writer that counts what became of the rows. */
export function meteredRows(rows: RowWriter, metrics: Pick<MetricBatch, 'add'>): RowWriter {
  return {
    async write(written) {
      const outcome = await rows.write(written);
      const conflicting = outcome.refused.filter(({ reason }) => reason === VERSION_CONFLICT).length;
      metrics.add(METRICS.rowsWritten, outcome.written);
      metrics.add(METRICS.rowsRejected, outcome.refused.length - conflicting);
      metrics.add(METRICS.rowsConflicting, conflicting);
      return outcome;
    },
  };
}
