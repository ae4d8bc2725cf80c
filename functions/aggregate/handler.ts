import type { KafkaHandler } from '../../shared/log/kafka-event.ts';
import { Aggregate, type AggregateCounts, type AggregateDeps, type AggregateOptions } from './aggregate.ts';

/**
 * The handler behind the mappings of the validated topics. It throws where a dependency fails, so that the
 * mapping gives the batch again; a record that cannot be used goes to the dead letters.
 */
export function createAggregateHandler(
  deps: AggregateDeps,
  options: AggregateOptions,
  onCounts: (counts: AggregateCounts) => void = () => {},
): KafkaHandler {
  const aggregate = new Aggregate(deps, options);
  return async (event) => {
    onCounts(await aggregate.process(event));
    return { batchItemFailures: [] };
  };
}
