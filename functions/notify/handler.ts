import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Clock } from '../../shared/clock.ts';
import { DimensionBounds } from '../../shared/metrics/dimension-bounds.ts';
import { MetricBatch } from '../../shared/metrics/metric-batch.ts';
import { IncidentTable } from './incident-table.ts';
import { createNotify } from './notify.ts';
import { readNotifySettings } from './settings.ts';
import { SignalTable } from './signal-table.ts';
import { SlackWebhook } from './slack-webhook.ts';
import { SqsWakes } from './sqs-wakes.ts';
import { fixedWebhooks, SecretWebhooks } from './webhook-source.ts';

const settings = readNotifySettings(process.env);
const clock: Clock = {
  nowUs: () => Date.now() * 1000,
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
const metrics = new MetricBatch(new DimensionBounds([]));
const notify = createNotify({
  clock,
  incidents: new IncidentTable(new DynamoDBClient({}), settings.stateTable),
  slack: new SlackWebhook(),
  webhooks:
    'secretArn' in settings.slack
      ? new SecretWebhooks(new SecretsManagerClient({}), settings.slack.secretArn, clock)
      : fixedWebhooks(settings.slack.webhooks),
  signals: new SignalTable(new TimestreamQueryClient({}), settings.database),
  wakes: new SqsWakes(new SQSClient({}), settings.queueUrl),
  links: settings.links,
  newId: randomUUID,
  count: (metric, value) => metrics.add(metric, value),
  log: (level, message, data) => console.log(JSON.stringify({ level, message, ...data })),
});

/** The Lambda entry: SQS messages in, posts to Slack out. */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const answer = await notify(event);
  const lines = metrics.flush(Date.now());
  if (lines.length > 0) console.log(lines.join('\n'));
  return answer;
}
