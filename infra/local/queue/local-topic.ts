import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import type { LocalQueue } from './local-queue.ts';

/** An SNS topic with one queue subscribed, without raw delivery: the queue gets SNS's envelope. */
export class LocalTopic {
  readonly #arn: string;
  readonly #clock: Clock;
  readonly #queue: LocalQueue;

  constructor(options: { readonly arn: string; readonly clock: Clock; readonly queue: LocalQueue }) {
    this.#arn = options.arn;
    this.#clock = options.clock;
    this.#queue = options.queue;
  }

  /** Publishes a message; it stands in the queue when this returns. */
  publish(notification: { readonly subject: string; readonly message: string }): void {
    this.#queue.send(
      JSON.stringify({
        Type: 'Notification',
        MessageId: randomUUID(),
        TopicArn: this.#arn,
        Subject: notification.subject,
        Message: notification.message,
        Timestamp: new Date(this.#clock.nowUs() / 1000).toISOString(),
        SignatureVersion: '1',
        Signature: 'none: this message is local',
        SigningCertURL: '',
        UnsubscribeURL: '',
      }),
    );
  }
}
