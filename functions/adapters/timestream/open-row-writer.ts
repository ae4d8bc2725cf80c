import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import type { FunctionMetrics } from '../../../shared/metrics/function-metrics.ts';
import { METRICS } from '../../../shared/metrics/metric-catalogue.ts';
import type { RowWriter } from '../../../shared/row.ts';
import { timestreamRowWriter } from './row-writer.ts';

/**
 * The row writer of a function. An emulator's `endpoint` must be given here: with one that the SDK finds in the
 * environment it still asks for the cell's endpoint, and takes its port for a part of the name.
 */
export function openRowWriter(
  settings: { readonly database: string; readonly endpoint: string | null },
  metrics: FunctionMetrics,
): RowWriter {
  const { database, endpoint } = settings;
  return timestreamRowWriter(
    {
      // The writer retries by itself.
      client: new TimestreamWriteClient({ maxAttempts: 1, ...(endpoint !== null && { endpoint }) }),
      sleep: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
      random: Math.random,
      onRetry: (rows) => metrics.count(METRICS.rowsRetried, rows),
    },
    { database },
  );
}
