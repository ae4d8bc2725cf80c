import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { countRecords } from '../../shared/log/event-records.ts';
import type { KafkaHandler, MSKEvent } from '../../shared/log/kafka-event.ts';
import { METRICS } from '../../shared/metrics/metric-catalogue.ts';
import { readDeployableSettings } from '../../shared/settings/deployable-settings.ts';
import { topicNames } from '../../shared/settings/settings.ts';
import { StateTable } from '../adapters/dynamodb/state-table.ts';
import { EventProducer } from '../adapters/kafka/event-producer.ts';
import { InvocationMetrics } from '../adapters/lambda/invocation-metrics.ts';
import { openRowWriter } from '../adapters/timestream/open-row-writer.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { addAggregateMetrics, addFoldMetrics } from './aggregate-metrics.ts';
import { aggregateOptions, LOG_RETENTION_DAYS } from './aggregate-options.ts';
import { createAggregateHandler } from './handler.ts';

const settings = readDeployableSettings('aggregate', process.env);
const producer = new EventProducer(process.env, wallClock);
const metrics = new InvocationMetrics('aggregate', settings.metricSymbols);

const aggregate = createAggregateHandler(
  {
    store: new StateTable(new DynamoDBClient({}), {
      table: settings.stateTable,
      nowMs: Date.now,
      retentionMs: LOG_RETENTION_DAYS * 86_400_000,
    }),
    rows: openRowWriter(
      { database: settings.timestreamDatabase, endpoint: settings.awsEndpointUrlTimestreamWrite },
      metrics.batch,
    ),
    producer,
    nowMs: Date.now,
    onFolded: (symbol, effects) => addFoldMetrics(metrics.batch, metrics.bounds, symbol, effects),
  },
  aggregateOptions({
    topics: topicNames(settings),
    watermarkDelayMs: settings.watermarkDelayMs,
    keepEvents: settings.keepEvents === 'yes',
  }),
  (counts) => addAggregateMetrics(metrics.batch, counts),
);

/** The Lambda entry: validated events in; rows, signals, audit requests and dead letters out. */
export const handler: KafkaHandler = (event, context) => {
  producer.take(event);
  return metrics.during(countRecords(event), async () => {
    const answer = await aggregate(event, context);
    const oldestMs = oldestAppendMs(event);
    // How long the record that waited longest took from its append to its rows.
    if (oldestMs !== undefined)
      metrics.batch.add(METRICS.hopLatencyMs, Date.now() - oldestMs, { Hop: 'row' });
    return answer;
  });
};

function oldestAppendMs(event: MSKEvent): number | undefined {
  const times = Object.values(event.records).flatMap((records) => records[0]?.timestamp ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}
