import { countRecords } from '../../shared/log/event-records.ts';
import type { KafkaHandler } from '../../shared/log/kafka-event.ts';
import type { LogProducer } from '../../shared/log/log.ts';
import { type FunctionMetrics, measured } from '../../shared/metrics/function-metrics.ts';
import type { Millis } from '../../shared/units.ts';
import { rawTopicRecords } from './raw-topic-records.ts';
import { addValidateMetrics } from './validate-metrics.ts';
import { type ValidateCounts, type ValidateOptions, validateRecords } from './validate-records.ts';

/** What validate stands on. */
export interface ValidateDeps {
  readonly producer: LogProducer;
  /** The present, wall time. */
  readonly nowMs: () => Millis;
  readonly metrics?: FunctionMetrics;
}

/**
 * The handler behind the mappings of the raw topics. It throws only where the log cannot be written, so that
 * the mapping gives the batch again; a record that cannot be used goes to the dead letters.
 */
export function createValidateHandler(
  deps: ValidateDeps,
  options: ValidateOptions,
  onCounts: (counts: ValidateCounts) => void = () => {},
): KafkaHandler {
  return (event) =>
    measured(deps.metrics, countRecords(event), async (invocation) => {
      const batch = validateRecords(rawTopicRecords(event), options, deps.nowMs());
      if (batch.records.length > 0) await deps.producer.send(batch.records);
      if (invocation !== undefined) addValidateMetrics(invocation.batch, batch, options.topics);
      onCounts(batch.counts);
      return { batchItemFailures: [] };
    });
}
