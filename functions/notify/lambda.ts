import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { lambdaLogger } from '../adapters/lambda/lambda-logger.ts';
import { lambdaMetrics } from '../adapters/lambda/lambda-metrics.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { IncidentTable } from './incident-table.ts';
import { createNotify } from './notify.ts';
import { readNotifySettings } from './settings.ts';
import { SignalTable } from './signal-table.ts';
import { SlackWebhook } from './slack-webhook.ts';
import { SqsWakes } from './sqs-wakes.ts';
import { fixedWebhooks, SecretWebhooks } from './webhook-source.ts';

const settings = readNotifySettings(process.env);
const logger = lambdaLogger('notify');
const metrics = lambdaMetrics('notify', settings.metricNamespace);
const notify = createNotify({
  clock: wallClock,
  incidents: new IncidentTable(new DynamoDBClient({}), settings.stateTable),
  slack: new SlackWebhook(),
  webhooks:
    'secretArn' in settings.slack
      ? new SecretWebhooks(new SecretsManagerClient({}), settings.slack.secretArn, wallClock)
      : fixedWebhooks(settings.slack.webhooks),
  signals: new SignalTable(new TimestreamQueryClient(settings.queryEndpoint), settings.database),
  wakes: new SqsWakes(new SQSClient({}), settings.queueUrl),
  links: settings.links,
  alarmPrefix: settings.alarmPrefix,
  newId: randomUUID,
  count: (metric, value) => metrics.count(metric, value),
  log: (level, message, data) => logger[level](message, { ...data }),
});

/** The Lambda entry: SQS messages in, posts to Slack out. */
export function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  return metrics.invocation(event.Records.length, () => notify(event));
}
