import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Millis } from '../../shared/units.ts';
import type { WakeQueue } from './ports.ts';

/** Wake-ups as delayed messages to notify's own queue. */
export class SqsWakes implements WakeQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async send(body: string, delayMs: Millis): Promise<void> {
    const DelaySeconds = Math.ceil(delayMs / 1000);
    await this.#client.send(
      new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody: body, DelaySeconds }),
    );
  }
}
