import { readDeployableSettings } from '../../shared/settings/deployable-settings.ts';
import { topicNames } from '../../shared/settings/settings.ts';
import { lambdaLogger } from '../adapters/lambda/lambda-logger.ts';
import { lambdaMetrics } from '../adapters/lambda/lambda-metrics.ts';
import { openRowWriter } from '../adapters/timestream/open-row-writer.ts';
import { createDeadLetterHandler } from './handler.ts';

const settings = readDeployableSettings('dead-letter', process.env);
const names = topicNames(settings);
const logger = lambdaLogger('dead-letter');
const metrics = lambdaMetrics('dead-letter', settings.metricNamespace);

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
    const told = { byReason, refused: refused.map(({ reason }) => reason) };
    if (refused.length > 0) logger.error('The store refused rows of dead letters.', told);
    else logger.info('Dead letters', told);
  },
);
