import type { TopicNames } from '../../shared/log/topics.ts';
import type { MetricBatch } from '../../shared/metrics/metric-batch.ts';
import { METRICS } from '../../shared/metrics/metric-catalogue.ts';
import type { ValidatedBatch } from './validate-records.ts';

/**
 * The metrics of one validated batch. Dead letters are counted by the function that keeps them, which sees those
 * of every stage.
 */
export function addValidateMetrics(
  batch: MetricBatch,
  validated: ValidatedBatch,
  topics: Pick<TopicNames, 'trades' | 'quotes'>,
): void {
  for (const topic of [topics.trades, topics.quotes]) {
    const passed = validated.records.filter((record) => record.topic === topic).length;
    if (passed > 0) batch.add(METRICS.recordsValidated, passed, { Topic: topic });
  }
  batch.add(METRICS.unknownFields, validated.counts.unknownFields);
  for (const latencyMs of validated.feedLatenciesMs) {
    batch.add(METRICS.hopLatencyMs, latencyMs, { Hop: 'feed' });
  }
}
