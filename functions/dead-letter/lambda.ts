import { countRecords } from '../../shared/log/event-records.ts';
import type { KafkaHandler } from '../../shared/log/kafka-event.ts';
import { readDeployableSettings } from '../../shared/settings/deployable-settings.ts';
import { topicNames } from '../../shared/settings/settings.ts';
import { InvocationMetrics } from '../adapters/lambda/invocation-metrics.ts';
import { openRowWriter } from '../adapters/timestream/open-row-writer.ts';
import { createDeadLetterHandler } from './handler.ts';

const settings = readDeployableSettings('dead-letter', process.env);
const names = topicNames(settings);
const metrics = new InvocationMetrics('dead-letter', []);

const keep = createDeadLetterHandler(
  {
    rows: openRowWriter(
      { database: settings.timestreamDatabase, endpoint: settings.awsEndpointUrlTimestreamWrite },
      metrics.batch,
    ),
  },
  { rawTopics: { [names.trades]: names.rawTrades, [names.quotes]: names.rawQuotes } },
  ({ byReason, refused }) => {
    const line = { level: refused.length > 0 ? 'error' : 'info', message: 'Dead letters', byReason };
    console.log(JSON.stringify({ ...line, refused: refused.map(({ reason }) => reason) }));
  },
);

/** The Lambda entry: dead letters in, a row for each out. */
export const handler: KafkaHandler = (event, context) =>
  metrics.during(countRecords(event), () => keep(event, context));
