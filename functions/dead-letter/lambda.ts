import { readDeployableSettings } from '../../shared/settings/deployable-settings.ts';
import { topicNames } from '../../shared/settings/settings.ts';
import { lambdaMetrics } from '../adapters/lambda/lambda-metrics.ts';
import { openRowWriter } from '../adapters/timestream/open-row-writer.ts';
import { createDeadLetterHandler } from './handler.ts';

const settings = readDeployableSettings('dead-letter', process.env);
const names = topicNames(settings);
const metrics = lambdaMetrics('dead-letter', []);

/** The Lambda entry: dead letters in, a row for each out. */
export const handler = createDeadLetterHandler(
  {
    rows: openRowWriter(
      { database: settings.timestreamDatabase, endpoint: settings.awsEndpointUrlTimestreamWrite },
      metrics,
    ),
    metrics,
  },
  { rawTopics: { [names.trades]: names.rawTrades, [names.quotes]: names.rawQuotes } },
  ({ byReason, refused }) => {
    const line = { level: refused.length > 0 ? 'error' : 'info', message: 'Dead letters', byReason };
    console.log(JSON.stringify({ ...line, refused: refused.map(({ reason }) => reason) }));
  },
);
