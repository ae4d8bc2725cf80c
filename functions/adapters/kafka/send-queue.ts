import type { AppendedRange } from '../../../shared/log/log.ts';

/** A record ready for kafkajs. */
export interface ProduceMessage {
  readonly partition: number;
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers: Record<string, Buffer | string | (Buffer | string)[]>;
}

/** One `send` on its way, until each of its records is acknowledged. */
export interface PendingSend {
  left: number;
  readonly ranges: { topic: string; partition: number; baseOffset: number; count: number }[];
  readonly resolve: (ranges: readonly AppendedRange[]) => void;
  readonly reject: (error: unknown) => void;
}

/** A record in the queue. */
export interface QueuedRecord {
  readonly message: ProduceMessage;
  readonly sizeBytes: number;
  readonly send: PendingSend;
}

/** How large a batch may become. */
export interface BatchLimits {
  /** Of all records; one request. */
  readonly batchBytes: number;
  /** Of one partition's records before compression, below the broker's `message.max.bytes`. */
  readonly partitionBytes: number;
  /** kafkajs copies a partition's list for every record of a batch, so long lists cost more than short ones. */
  readonly partitionRecords: number;
}

/** The records of one topic that wait to be sent, in order. */
export class SendQueue {
  #records: QueuedRecord[] = [];
  #head = 0;
  #bytes = 0;

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#head === this.#records.length;
  }

  add(record: QueuedRecord): void {
    this.#records.push(record);
    this.#bytes += record.sizeBytes;
  }

  /** Takes the next batch from the front: at least one record, else what the limits allow. */
  takeBatch(limits: BatchLimits): QueuedRecord[] {
    const batch: QueuedRecord[] = [];
    const taken = new Map<number, { records: number; bytes: number }>();
    let bytes = 0;
    for (; this.#head < this.#records.length; this.#head++) {
      const record = this.#records[this.#head];
      if (record === undefined) break;
      const { partition } = record.message;
      const own = taken.get(partition) ?? { records: 0, bytes: 0 };
      taken.set(partition, own);
      own.records += 1;
      own.bytes += record.sizeBytes;
      bytes += record.sizeBytes;
      const full = own.records > limits.partitionRecords || own.bytes > limits.partitionBytes;
      if (batch.length > 0 && (full || bytes > limits.batchBytes)) break;
      this.#bytes -= record.sizeBytes;
      batch.push(record);
    }
    this.#compact();
    return batch;
  }

  /** Empties the queue; every send in it is told of the error. */
  rejectAll(error: unknown): void {
    const waiting = this.#records.slice(this.#head);
    this.#records = [];
    this.#head = 0;
    this.#bytes = 0;
    for (const { send } of waiting) send.reject(error);
  }

  #compact(): void {
    if (this.#head < 4096 && this.#head < this.#records.length) return;
    this.#records = this.#records.slice(this.#head);
    this.#head = 0;
  }
}

/** Tells the sends of a batch where their records stand. Offsets run on from each partition's base. */
export function acknowledge(topic: string, batch: readonly QueuedRecord[], bases: Map<number, number>): void {
  for (const { message, send } of batch) {
    const offset = bases.get(message.partition) ?? 0;
    bases.set(message.partition, offset + 1);
    const range = send.ranges.findLast(({ partition }) => partition === message.partition);
    if (range !== undefined && range.baseOffset + range.count === offset) range.count += 1;
    else send.ranges.push({ topic, partition: message.partition, baseOffset: offset, count: 1 });
    send.left -= 1;
    if (send.left === 0) send.resolve(send.ranges);
  }
}
