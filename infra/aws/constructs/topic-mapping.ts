import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { TopicNames } from '../../../shared/log/topics.ts';
import { type MappingSettings, withoutProvisioned } from '../../../shared/mapping-settings.ts';
import { type MappingSpec, mappingGroupId } from '../../../shared/mappings.ts';
import type { Polling } from '../sizes.ts';
import { acknowledge } from './acknowledge.ts';

/** The settings of a mapping under a way of polling: those that the local run uses. */
export function mappingSettings(mapping: MappingSpec, polling: Polling): MappingSettings {
  return polling === 'provisioned' ? mapping.settings : withoutProvisioned(mapping.settings);
}

/** What a mapping is made of. */
export interface TopicMappingProps {
  readonly mapping: MappingSpec;
  readonly polling: Polling;
  readonly functionName: string;
  readonly clusterArn: string;
  readonly topics: TopicNames;
  /** Mappings of one group share pollers, and their cost. */
  readonly pollerGroup: string;
}

/**
 * The event source mapping of a topic. Written out, because the construct of CDK refuses a window of 500 ms and
 * adds a managed policy that is both too wide and not enough.
 */
export function topicMapping(scope: Construct, id: string, props: TopicMappingProps): CfnEventSourceMapping {
  const { mapping, topics } = props;
  const settings = mappingSettings(mapping, props.polling);
  const isProvisioned = settings.mode === 'provisioned';
  const made = new CfnEventSourceMapping(scope, id, {
    functionName: props.functionName,
    eventSourceArn: props.clusterArn,
    topics: [topics[mapping.topic]],
    amazonManagedKafkaEventSourceConfig: { consumerGroupId: mappingGroupId(mapping) },
    startingPosition: 'TRIM_HORIZON',
    batchSize: settings.batchSize,
    // 500 ms is what Lambda does where nothing is said; it cannot be said.
    ...(settings.batchingWindowMs !== 500 && {
      maximumBatchingWindowInSeconds: settings.batchingWindowMs / 1_000,
    }),
    ...(isProvisioned && {
      bisectBatchOnFunctionError: settings.bisectOnFunctionError,
      maximumRetryAttempts: settings.retryAttempts,
      maximumRecordAgeInSeconds: settings.maxRecordAgeMs === -1 ? -1 : settings.maxRecordAgeMs / 1_000,
      functionResponseTypes: settings.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
      provisionedPollerConfig: {
        minimumPollers: 1,
        maximumPollers: settings.maximumPollers,
        pollerGroupName: props.pollerGroup,
      },
      loggingConfig: { systemLogLevel: 'WARN' },
    }),
    ...(mapping.onFailure !== null && {
      destinationConfig: { onFailure: { destination: `kafka://${topics[mapping.onFailure]}` } },
    }),
    metricsConfig: { metrics: ['EventCount', 'ErrorCount', 'KafkaMetrics'] },
  });
  if (mapping.onFailure === null) {
    acknowledge(
      made,
      'There is never a dead letter about a dead letter: the topic keeps the record for 30 days.',
      'Serverless-LambdaEventSourceMappingDestination',
    );
  }
  return made;
}
