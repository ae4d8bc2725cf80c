import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Clock, Timer } from '../../../shared/clock.ts';
import type { LocalQueue, ReceivedMessage } from './local-queue.ts';

/** What calls a function with the messages of a queue. */
export interface QueueMappingOptions {
  readonly clock: Clock;
  readonly queue: LocalQueue;
  readonly handler: (event: SQSEvent) => Promise<SQSBatchResponse | undefined>;
  /** @default 10 */
  readonly batchSize?: number;
  /** Hears an invocation that failed; its messages come again. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Lambda's event source mapping for a queue: it calls the handler with what is visible, deletes what succeeded,
 * and leaves the rest to the queue's redelivery. One invocation at a time.
 */
export class QueueMapping {
  readonly #options: QueueMappingOptions;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: QueueMappingOptions) {
    this.#options = options;
    options.queue.onChange(() => this.#plan());
    this.#plan();
  }

  /** Stops polling and waits for the invocation that runs. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#running;
  }

  #plan(): void {
    this.#timer?.cancel();
    const { queue, clock } = this.#options;
    const nextMs = queue.nextVisibleMs;
    if (this.#closed || this.#running !== undefined || nextMs === undefined) return;
    this.#timer = clock.after(Math.max(0, nextMs - clock.nowUs() / 1000), () => {
      this.#running = this.#invoke().finally(() => {
        this.#running = undefined;
        this.#plan();
      });
    });
  }

  async #invoke(): Promise<void> {
    const { queue, handler } = this.#options;
    const messages = queue.receive(this.#options.batchSize ?? 10);
    if (messages.length === 0) return;
    try {
      const answer = await handler({ Records: messages.map((message) => sqsRecord(message, queue.name)) });
      const failed = new Set(answer?.batchItemFailures.map((failure) => failure.itemIdentifier));
      for (const message of messages) {
        if (!failed.has(message.messageId)) queue.delete(message.receiptHandle);
      }
    } catch (error) {
      this.#options.onError?.(error);
    }
  }
}

/** A message as Lambda hands it to a function. */
export function sqsRecord(message: ReceivedMessage, queueName: string): SQSRecord {
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(Math.floor(message.sentMs)),
      SenderId: '000000000000',
      ApproximateFirstReceiveTimestamp: String(Math.floor(message.firstReceivedMs)),
    },
    messageAttributes: {},
    md5OfBody: message.md5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:eu-west-1:000000000000:${queueName}`,
    awsRegion: 'eu-west-1',
  };
}
