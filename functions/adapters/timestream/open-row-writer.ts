import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import type { MetricBatch } from '../../../shared/metrics/metric-batch.ts';
import { METRICS } from '../../../shared/metrics/metric-catalogue.ts';
import type { RowWriter } from '../../../shared/row.ts';
import { meteredRows } from './metered-rows.ts';
import { timestreamRowWriter } from './row-writer.ts';

/**
 * The row writer of a function, with metrics. An emulator's `endpoint` must be given here: with one that the SDK
 * finds in the environment it still asks for the cell's endpoint, and takes its port for a part of the name.
 */
export function openRowWriter(
  settings: { readonly database: string; readonly endpoint: string | null },
  metrics: Pick<MetricBatch, 'add'>,
): RowWriter {
  const { database, endpoint } = settings;
  const rows = timestreamRowWriter(
    {
      // The writer retries by itself.
      client: new TimestreamWriteClient({ maxAttempts: 1, ...(endpoint !== null && { endpoint }) }),
      sleep: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
      random: Math.random,
      onRetry: (count) => metrics.add(METRICS.rowsRetried, count),
    },
    { database },
  );
  return meteredRows(rows, metrics);
}
