import type { Producer } from 'kafkajs';
import type { Clock, Timer } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { AppendedRange } from '../../../shared/log/log.ts';
import { LOG_ERRORS, recordTooLarge } from '../../../shared/log/log-errors.ts';
import { giveUp } from './give-up.ts';
import { isSequenceError, KAFKA_ERRORS, toLogError } from './kafka-errors.ts';
import { acknowledge, type ProduceMessage, type QueuedRecord, SendQueue } from './send-queue.ts';

/** How a lane batches, waits and gives up. */
export interface LaneSettings {
  readonly lingerMs: number;
  readonly compression: number;
  /** A batch of this size goes at once. */
  readonly batchBytes: number;
  readonly partitionBytes: number;
  readonly partitionRecords: number;
  /** Above this a send is refused with `LOG_QUEUE_FULL`. */
  readonly queueBytes: number;
  /** How long a batch is tried. */
  readonly deliveryTimeoutMs: number;
}

/** The part of a kafkajs producer that a lane uses. */
export type BatchProducer = Pick<Producer, 'connect' | 'disconnect' | 'sendBatch'>;

/** What a lane works with. */
export interface LaneDeps {
  /** Makes an idempotent producer with a producer id of its own. */
  readonly createProducer: () => BatchProducer;
  readonly clock: Clock;
  readonly topic: string;
  readonly brokers: string;
  readonly settings: LaneSettings;
}

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 2000;

/**
 * The way of one topic's records to Kafka, on an idempotent producer of its own, so that trades never wait
 * behind quotes. One batch is on its way at a time: while it is, the next one gathers, and no record can
 * overtake another. A batch that fails is tried again unchanged, which the broker recognises.
 */
export class TopicLane {
  readonly #deps: LaneDeps;
  readonly #queue = new SendQueue();
  #producer: Promise<BatchProducer> | undefined;
  #timer: Timer | undefined;
  #inFlight: Promise<void> | undefined;
  #inFlightBytes = 0;
  #closing = false;

  constructor(deps: LaneDeps) {
    this.#deps = deps;
  }

  send(messages: readonly ProduceMessage[]): Promise<readonly AppendedRange[]> {
    const { topic, settings } = this.#deps;
    const queuedBytes = this.#queue.bytes + this.#inFlightBytes;
    if (queuedBytes > settings.queueBytes) {
      const message = `${queuedBytes} bytes wait to be sent to ${topic}: Kafka takes them too slowly.`;
      const data = { topic, queuedBytes };
      return Promise.reject(new CodedError(KAFKA_ERRORS.queueFull, message, { data, canRetry: true }));
    }
    return new Promise((resolve, reject) => {
      const send = { left: messages.length, ranges: [], resolve, reject };
      for (const message of messages) {
        this.#queue.add({ message, sizeBytes: sizeOf(message), send });
      }
      this.#plan();
    });
  }

  /** Sends what waits, then lets go of the connection. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#flush();
    while (this.#inFlight !== undefined) await this.#inFlight;
    await this.#dropProducer();
  }

  #plan(): void {
    if (this.#inFlight !== undefined) return;
    if (this.#closing || this.#queue.bytes >= this.#deps.settings.batchBytes) this.#flush();
    else this.#timer ??= this.#deps.clock.after(this.#deps.settings.lingerMs, () => this.#flush());
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#inFlight !== undefined || this.#queue.isEmpty) return;
    const batch = this.#queue.takeBatch(this.#deps.settings);
    this.#inFlightBytes = batch.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    this.#inFlight = this.#deliver(batch).finally(() => {
      this.#inFlight = undefined;
      this.#inFlightBytes = 0;
      // What came meanwhile has waited long enough.
      this.#flush();
    });
  }

  async #deliver(batch: readonly QueuedRecord[]): Promise<void> {
    const { topic } = this.#deps;
    try {
      acknowledge(topic, batch, await this.#produce(batch));
    } catch (error) {
      if (!isRecordFault(error)) return this.#abandon(batch, error);
      // Brokers refuse a partition's records whole and do not say for which of them.
      const parts = divide(batch);
      for (const part of parts) await this.#deliver(part);
      if (parts.length === 0) for (const record of batch) record.send.reject(described(error, topic, record));
    }
  }

  /** Nothing may overtake what was not taken: who sends again sends all of it again, in order. */
  async #abandon(batch: readonly QueuedRecord[], error: unknown): Promise<void> {
    for (const { send } of batch) send.reject(error);
    this.#queue.rejectAll(error);
    // The numbering of the batches counts on this one: whoever comes next begins with a new producer id.
    await this.#dropProducer();
  }

  /** Tries until the brokers have the batch; gives the base offset of each partition. */
  async #produce(batch: readonly QueuedRecord[]): Promise<Map<number, number>> {
    const { topic, clock, settings, brokers } = this.#deps;
    const deadlineUs = clock.nowUs() + settings.deliveryTimeoutMs * 1000;
    const messages = batch.map(({ message }) => message);
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(MAX_RETRY_MS, delayMs * 2)) {
      try {
        const producer = await this.#connected();
        const acknowledged = await producer.sendBatch({
          acks: -1,
          compression: settings.compression,
          topicMessages: [{ topic, messages }],
        });
        return new Map(acknowledged.map(({ partition, baseOffset }) => [partition, Number(baseOffset)]));
      } catch (cause) {
        const anew = isSequenceError(cause);
        if (anew) await this.#dropProducer();
        const error = toLogError(cause, { what: 'send to Kafka', topic, brokers });
        if ((!error.canRetry && !anew) || clock.nowUs() >= deadlineUs) throw error;
        await new Promise<void>((resolve) => clock.after(delayMs, resolve));
      }
    }
  }

  #connected(): Promise<BatchProducer> {
    this.#producer ??= this.#connect();
    return this.#producer;
  }

  async #connect(): Promise<BatchProducer> {
    const producer = this.#deps.createProducer();
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      this.#producer = undefined;
      await giveUp(producer);
      throw error;
    }
  }

  async #dropProducer(): Promise<void> {
    const dropped = this.#producer;
    this.#producer = undefined;
    await giveUp(dropped);
  }
}

/** Whether a record itself is at fault, so that others may go. */
function isRecordFault(error: unknown): boolean {
  if (!(error instanceof CodedError)) return false;
  return error.code === LOG_ERRORS.recordTooLarge || error.code === LOG_ERRORS.keyRequired;
}

/**
 * A refused batch in smaller parts: partition by partition, then by halves; none for a single record. A partition
 * that was taken is sent again whole first, which the broker recognises as a repeat.
 */
function divide(batch: readonly QueuedRecord[]): readonly (readonly QueuedRecord[])[] {
  const byPartition = Map.groupBy(batch, ({ message }) => message.partition);
  if (byPartition.size > 1) return [...byPartition.values()];
  const middle = batch.length >> 1;
  return middle === 0 ? [] : [batch.slice(0, middle), batch.slice(middle)];
}

function described(error: unknown, topic: string, { sizeBytes }: QueuedRecord): unknown {
  const isTooLarge = error instanceof CodedError && error.code === LOG_ERRORS.recordTooLarge;
  return isTooLarge ? recordTooLarge(topic, { sizeBytes }, error) : error;
}

/** About what the record takes in a batch. */
function sizeOf({ key, value }: ProduceMessage): number {
  return 40 + lengthOf(key) + lengthOf(value);
}

function lengthOf(bytes: Buffer | string | null): number {
  if (bytes === null) return 0;
  return typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
}
