import { DEFAULT_TOPIC_NAMES, type TopicNames } from './log/topics.ts';
import type { MappingSettings } from './mapping-settings.ts';

/** One event source mapping of the pipeline: which topic calls which function, and how. */
export interface MappingSpec {
  /** Unique; part of the consumer group's name. */
  readonly name: string;
  /** The folder of the function under `functions/`. */
  readonly functionName: 'validate' | 'aggregate' | 'dead-letter';
  readonly topic: keyof TopicNames;
  /** The topic that gets what the function could not be made to take; null: dropped and counted. */
  readonly onFailure: keyof TopicNames | null;
  /** With provisioned polling; `withoutProvisioned` gives the on-demand form. */
  readonly settings: MappingSettings;
}

/**
 * What the two streaming functions share.
 *
 * - Batch of 2,000: about 1 MB of event for trades, so the 6 MB limit is far, while the fixed cost of an
 *   invocation (a state read and write per symbol) is spread over many records when there is a backlog.
 * - Window 0: a record in a quiet moment travels at once; under load the backlog itself fills the batches.
 * - 100 retries: poison is routed by the handler, so a failing batch means a dependency that is away. Ten
 *   retries would send good trades to the dead letters during a short outage; endless ones would hold a
 *   partition for ever on a bug. Bisecting leaves only the record that is at fault.
 * - No age limit: an old record is still a trade that belongs into its window.
 * - Timeout 60 s: far above a batch's normal time of some hundred ms, short enough to be retried soon.
 * - Two pollers: six partitions share them, and each may carry 5 MB/s.
 */
const STREAMING: MappingSettings = {
  mode: 'provisioned',
  batchSize: 2000,
  batchingWindowMs: 0,
  maximumPollers: 2,
  functionTimeoutMs: 60_000,
  retryAttempts: 100,
  maxRecordAgeMs: -1,
  bisectOnFunctionError: true,
  reportBatchItemFailures: true,
};

/**
 * Dead letters are few and nobody waits for them: smaller batches gathered for a second. They have no
 * destination of their own, for there is never a dead letter about a dead letter: after the retries the
 * record is dropped by the mapping and counted, while the topic keeps it for 30 days.
 */
const DEAD_LETTERS: MappingSettings = {
  ...STREAMING,
  batchSize: 500,
  batchingWindowMs: 1000,
  maximumPollers: 1,
};

const streaming = (
  name: string,
  functionName: MappingSpec['functionName'],
  topic: keyof TopicNames,
): MappingSpec => ({ name, functionName, topic, onFailure: 'deadLetters', settings: STREAMING });

/** Every mapping of the pipeline; the local run and the CDK stacks both read them here. */
export const MAPPINGS: readonly MappingSpec[] = [
  streaming('validate-trades', 'validate', 'rawTrades'),
  streaming('validate-quotes', 'validate', 'rawQuotes'),
  streaming('aggregate-trades', 'aggregate', 'trades'),
  streaming('aggregate-quotes', 'aggregate', 'quotes'),
  {
    name: 'dead-letter',
    functionName: 'dead-letter',
    topic: 'deadLetters',
    onFailure: null,
    settings: DEAD_LETTERS,
  },
];

/**
 * The consumer group of a mapping, as an operator sees it in `kafka-consumer-groups`: `market-monitor.<mapping>`.
 * Where the topic has a name of its own the group carries it, so that two monitors on one Kafka share no group.
 */
export function mappingGroupId(mapping: Pick<MappingSpec, 'name' | 'topic'>, topicName?: string): string {
  const usual = `market-monitor.${mapping.name}`;
  const isRenamed = topicName !== undefined && topicName !== DEFAULT_TOPIC_NAMES[mapping.topic];
  return isRenamed ? `${usual}.${topicName}` : usual;
}
