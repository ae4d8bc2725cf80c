import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KafkaHandler } from '../../shared/log/kafka-event.ts';
import { readDeployableSettings } from '../../shared/settings/deployable-settings.ts';
import { topicNames } from '../../shared/settings/settings.ts';
import { StateTable } from '../adapters/dynamodb/state-table.ts';
import { EventProducer } from '../adapters/kafka/event-producer.ts';
import { lambdaLogger } from '../adapters/lambda/lambda-logger.ts';
import { lambdaMetrics } from '../adapters/lambda/lambda-metrics.ts';
import { openRowWriter } from '../adapters/timestream/open-row-writer.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { aggregateOptions, LOG_RETENTION_DAYS } from './aggregate-options.ts';
import { createAggregateHandler } from './handler.ts';

const settings = readDeployableSettings('aggregate', process.env);
const producer = new EventProducer(process.env, wallClock);
const logger = lambdaLogger('aggregate');
const metrics = lambdaMetrics('aggregate', settings.metricNamespace, settings.metricSymbols);

const aggregate = createAggregateHandler(
  {
    store: new StateTable(new DynamoDBClient({}), {
      table: settings.stateTable,
      nowMs: Date.now,
      retentionMs: LOG_RETENTION_DAYS * 86_400_000,
    }),
    rows: openRowWriter(
      { database: settings.timestreamDatabase, endpoint: settings.awsEndpointUrlTimestreamWrite },
      metrics,
    ),
    producer,
    nowMs: Date.now,
    metrics,
    onMismatch: (record) => logger.error(record.event, { ...record }),
  },
  aggregateOptions({
    topics: topicNames(settings),
    watermarkDelayMs: settings.watermarkDelayMs,
    keepEvents: settings.keepEvents === 'yes',
  }),
);

/** The Lambda entry: validated events in; rows, signals, audit requests and dead letters out. */
export const handler: KafkaHandler = (event, context) => {
  producer.take(event);
  return aggregate(event, context);
};
