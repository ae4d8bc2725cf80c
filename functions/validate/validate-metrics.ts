import type { MetricBatch } from '../../shared/metrics/metric-batch.ts';
import { METRICS } from '../../shared/metrics/metric-catalogue.ts';
import type { ValidateCounts } from './validate-records.ts';

/** Adds what a batch came to; a mapping reads one topic, so that all its records are of `topic`. */
export function addValidateMetrics(
  metrics: Pick<MetricBatch, 'add'>,
  counts: ValidateCounts,
  topic: string,
): void {
  const valid = Object.values(counts.events).reduce((sum, count) => sum + count, 0);
  metrics.add(METRICS.recordsValidated, valid, { Topic: topic });
  metrics.add(METRICS.unknownFields, counts.unknownFields);
  for (const [reason, count] of Object.entries(counts.refused)) {
    metrics.add(METRICS.deadLetters, count, { Reason: reason });
  }
}
