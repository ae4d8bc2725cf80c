import { randomUUID } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createNotify, type NotifyDeps } from '../../../functions/notify/notify.ts';
import { SqsWakes } from '../../../functions/notify/sqs-wakes.ts';
import type { AlarmDefinition } from '../../../shared/alarms/alarm-family.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Millis } from '../../../shared/units.ts';
import { LOCAL_ACCOUNT, type StateChange } from '../cloudwatch/alarm-message.ts';
import { LocalCloudWatch } from '../cloudwatch/local-cloudwatch.ts';
import { LocalQueue } from '../queue/local-queue.ts';
import { LocalTopic } from '../queue/local-topic.ts';
import { QueueMapping } from '../queue/queue-mapping.ts';
import { startSqsEndpoint } from '../queue/sqs-endpoint.ts';

/** The name of the queue of what notify gave up; the alarm `notify-failed` watches it. */
export const NOTIFY_DEAD_LETTERS = 'notify-dead-letters';

/** How often the depth of the dead-letter queue is measured, as SQS does. */
const QUEUE_METRIC_MS: Millis = 60_000;

/** What the local alerting is made of. */
export interface AlertingOptions {
  readonly clock: Clock;
  readonly alarms: readonly AlarmDefinition[];
  /** What notify works with; null where no webhook is set: alarms then show in the terminal only. */
  readonly notify: Omit<NotifyDeps, 'clock' | 'wakes' | 'newId'> | null;
  readonly onStateChange?: (change: StateChange) => void;
}

/** The running alerting. */
export interface Alerting {
  /** Takes the lines that functions and ingest log, and what AWS itself would measure. */
  readonly cloudwatch: LocalCloudWatch;
  readonly queue: LocalQueue;
  readonly deadLetters: LocalQueue;
  close(): Promise<void>;
}

/** Metrics to alarms to SNS to SQS to notify, in this process: the path of AWS with local parts. */
export async function startAlerting(options: AlertingOptions): Promise<Alerting> {
  const { clock } = options;
  const deadLetters = new LocalQueue({ name: NOTIFY_DEAD_LETTERS, clock });
  const queue = new LocalQueue({
    name: 'notify',
    clock,
    deadLetters: { queue: deadLetters, maxReceiveCount: 5 },
  });
  const topic = new LocalTopic({ arn: LOCAL_ACCOUNT.topicArn, clock, queue });
  const cloudwatch = new LocalCloudWatch({
    clock,
    alarms: options.alarms,
    publish: (notification) => {
      // Without notify nobody would empty the queue.
      if (options.notify === null) return;
      try {
        topic.publish(notification);
      } catch (error) {
        // A full queue must not end the clock's task, and with it the evaluation of every alarm.
        options.notify.log('error', 'An alarm was not queued', {
          subject: notification.subject,
          error: String(error),
        });
      }
    },
    ...(options.onStateChange === undefined ? {} : { onStateChange: options.onStateChange }),
  });
  let timer = clock.after(QUEUE_METRIC_MS, measure);
  function measure(): void {
    cloudwatch.put({
      namespace: 'AWS/SQS',
      name: 'ApproximateNumberOfMessagesVisible',
      dimensions: [['QueueName', NOTIFY_DEAD_LETTERS]],
      timeMs: clock.nowUs() / 1000,
      value: deadLetters.visible,
    });
    timer = clock.after(QUEUE_METRIC_MS, measure);
  }
  const stopNotify =
    options.notify === null ? async () => {} : await startNotify(options.notify, clock, queue);
  return {
    cloudwatch,
    queue,
    deadLetters,
    async close() {
      timer.cancel();
      cloudwatch.close();
      await stopNotify();
    },
  };
}

async function startNotify(
  deps: Omit<NotifyDeps, 'clock' | 'wakes' | 'newId'>,
  clock: Clock,
  queue: LocalQueue,
): Promise<() => Promise<void>> {
  const endpoint = await startSqsEndpoint([queue]);
  const client = new SQSClient({
    region: LOCAL_ACCOUNT.region,
    endpoint: endpoint.url,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const wakes = new SqsWakes(client, endpoint.queueUrl(queue.name));
  const handler = createNotify({ ...deps, clock, wakes, newId: randomUUID });
  const mapping = new QueueMapping({ clock, queue, handler });
  return async () => {
    await mapping.close();
    client.destroy();
    await endpoint.close();
  };
}
