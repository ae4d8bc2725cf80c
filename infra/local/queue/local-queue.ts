import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { Millis } from '../../../shared/units.ts';

/** SQS puts a message off by 15 minutes at most. */
export const MAX_DELAY_MS: Millis = 900_000;

/** A message that was received and is hidden from others until it is deleted or its time is over. */
export interface ReceivedMessage {
  readonly messageId: string;
  /** Names this receipt of the message; a later receipt has another. */
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly sentMs: Millis;
  readonly firstReceivedMs: Millis;
  /** 1 the first time. */
  readonly receiveCount: number;
}

/** How a queue behaves. */
export interface LocalQueueOptions {
  readonly name: string;
  readonly clock: Clock;
  /** How long a received message stays hidden. @default 30000 */
  readonly visibilityTimeoutMs?: Millis;
  /** Where a message goes that was received `maxReceiveCount` times and not deleted. */
  readonly deadLetters?: { readonly queue: LocalQueue; readonly maxReceiveCount: number };
  /** More messages than this are refused with `QUEUE_FULL`. @default 10000 */
  readonly maxMessages?: number;
}

interface Held {
  readonly messageId: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly sentMs: Millis;
  firstReceivedMs: Millis;
  receiveCount: number;
  receiptHandle: string;
  visibleMs: Millis;
}

/** A standard SQS queue in memory: delay, visibility, redelivery, dead letters. Order is the best it can do. */
export class LocalQueue {
  readonly name: string;
  readonly #clock: Clock;
  readonly #visibilityTimeoutMs: Millis;
  readonly #deadLetters: LocalQueueOptions['deadLetters'];
  readonly #maxMessages: number;
  readonly #held = new Map<string, Held>();
  #listener: () => void = () => {};

  constructor(options: LocalQueueOptions) {
    this.name = options.name;
    this.#clock = options.clock;
    this.#visibilityTimeoutMs = options.visibilityTimeoutMs ?? 30_000;
    this.#deadLetters = options.deadLetters;
    this.#maxMessages = options.maxMessages ?? 10_000;
  }

  /** Messages in the queue, hidden ones included. */
  get size(): number {
    return this.#held.size;
  }

  /** Messages that could be received now. */
  get visible(): number {
    const nowMs = this.#nowMs();
    return [...this.#held.values()].filter((held) => held.visibleMs <= nowMs).length;
  }

  /** When the next message can be received; undefined where there is none. */
  get nextVisibleMs(): Millis | undefined {
    let next: Millis | undefined;
    for (const { visibleMs } of this.#held.values()) {
      if (next === undefined || visibleMs < next) next = visibleMs;
    }
    return next;
  }

  /** Calls back whenever a message was sent or its visibility changed. One listener: the mapping. */
  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  /** Appends a message, hidden for `delayMs`. Fails with `QUEUE_DELAY` or `QUEUE_FULL`. */
  send(body: string, delayMs: Millis = 0): { readonly messageId: string; readonly md5OfBody: string } {
    if (!(delayMs >= 0 && delayMs <= MAX_DELAY_MS)) {
      throw new CodedError(
        'QUEUE_DELAY',
        `A message of ${this.name} can wait 0 to 900 s, not ${delayMs} ms.`,
      );
    }
    if (this.#held.size >= this.#maxMessages) {
      throw new CodedError('QUEUE_FULL', `The queue ${this.name} is full. Is its consumer running?`, {
        data: { queue: this.name, messages: this.#held.size },
        canRetry: true,
      });
    }
    const nowMs = this.#nowMs();
    const held: Held = {
      messageId: randomUUID(),
      body,
      md5OfBody: createHash('md5').update(body).digest('hex'),
      sentMs: nowMs,
      firstReceivedMs: 0,
      receiveCount: 0,
      receiptHandle: '',
      visibleMs: nowMs + delayMs,
    };
    this.#held.set(held.messageId, held);
    this.#listener();
    return held;
  }

  /** Up to `max` messages (10 at most, as SQS), oldest first; each is hidden until its visibility ends. */
  receive(max: number): readonly ReceivedMessage[] {
    const nowMs = this.#nowMs();
    const received: ReceivedMessage[] = [];
    for (const held of this.#held.values()) {
      if (received.length >= Math.min(max, 10)) break;
      if (held.visibleMs > nowMs) continue;
      if (this.#deadLetters !== undefined && held.receiveCount >= this.#deadLetters.maxReceiveCount) {
        this.#held.delete(held.messageId);
        this.#deadLetters.queue.send(held.body);
        continue;
      }
      held.receiveCount += 1;
      held.firstReceivedMs ||= nowMs;
      held.receiptHandle = `${held.messageId}.${held.receiveCount}`;
      held.visibleMs = nowMs + this.#visibilityTimeoutMs;
      received.push({ ...held });
    }
    return received;
  }

  /** Removes a received message; a receipt that is no longer the newest removes nothing. */
  delete(receiptHandle: string): void {
    const held = this.#byReceipt(receiptHandle);
    if (held !== undefined) this.#held.delete(held.messageId);
  }

  /** Hides a received message for `timeoutMs` from now; 0 shows it at once. */
  changeVisibility(receiptHandle: string, timeoutMs: Millis): void {
    const held = this.#byReceipt(receiptHandle);
    if (held === undefined) return;
    held.visibleMs = this.#nowMs() + timeoutMs;
    this.#listener();
  }

  #byReceipt(receiptHandle: string): Held | undefined {
    const held = this.#held.get(receiptHandle.slice(0, 36));
    return held?.receiptHandle === receiptHandle ? held : undefined;
  }

  #nowMs(): Millis {
    return this.#clock.nowUs() / 1000;
  }
}
