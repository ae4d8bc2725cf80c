import type { AppendedRange, LogProducer, OutgoingRecord } from '../../../shared/log/log.ts';
import { logClosed, unknownPartition } from '../../../shared/log/log-errors.ts';
import { Partitioner } from '../../../shared/log/partitioner.ts';
import type { ProduceMessage } from './send-queue.ts';
import type { TopicLane } from './topic-lane.ts';

/** What the producer works with. */
export interface KafkaProducerDeps {
  /** How many partitions a topic has; fails with `LOG_UNKNOWN_TOPIC`. */
  readonly partitions: (topic: string) => Promise<number>;
  readonly lane: (topic: string) => TopicLane;
}

interface OpenLane {
  readonly lane: TopicLane;
  readonly partitions: number;
}

/** Appends to Kafka: each topic has a lane of its own, and the key decides the partition as everywhere. */
export class KafkaLogProducer implements LogProducer {
  readonly #deps: KafkaProducerDeps;
  readonly #partitioner = new Partitioner();
  readonly #lanes = new Map<string, OpenLane>();
  /** Sends that wait for a topic's metadata; while there are any, those behind them wait too. */
  #starting = 0;
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(deps: KafkaProducerDeps) {
    this.#deps = deps;
  }

  async send(records: readonly OutgoingRecord[]): Promise<readonly AppendedRange[]> {
    if (this.#isClosed) throw logClosed('producer');
    if (records.length === 0) return [];
    if (this.#starting > 0 || records.some(({ topic }) => !this.#lanes.has(topic))) {
      this.#starting += 1;
      const turn = this.#turn.then(() => this.#open(records));
      this.#turn = turn.catch(() => {});
      try {
        await turn;
      } finally {
        this.#starting -= 1;
      }
    }
    return this.#dispatch(records);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(Array.from(this.#lanes.values(), ({ lane }) => lane.close()));
  }

  async #open(records: readonly OutgoingRecord[]): Promise<void> {
    for (const { topic } of records) {
      if (this.#lanes.has(topic)) continue;
      const partitions = await this.#deps.partitions(topic);
      this.#lanes.set(topic, { lane: this.#deps.lane(topic), partitions });
    }
  }

  async #dispatch(records: readonly OutgoingRecord[]): Promise<readonly AppendedRange[]> {
    const byTopic = new Map<string, ProduceMessage[]>();
    for (const record of records) {
      const message = this.#message(record);
      const messages = byTopic.get(record.topic);
      if (messages === undefined) byTopic.set(record.topic, [message]);
      else messages.push(message);
    }
    const sends = Array.from(
      byTopic,
      ([topic, messages]) => this.#lanes.get(topic)?.lane.send(messages) ?? [],
    );
    return (await Promise.all(sends)).flat();
  }

  #message(record: OutgoingRecord): ProduceMessage {
    const partitions = this.#lanes.get(record.topic)?.partitions ?? 1;
    const partition = record.partition ?? this.#partitioner.partition(record.key, partitions);
    if (!Number.isInteger(partition) || partition < 0 || partition >= partitions) {
      throw unknownPartition(record.topic, partition);
    }
    return {
      partition,
      key: toBytes(record.key),
      value: toBytes(record.value),
      headers: toHeaders(record.headers ?? []),
    };
  }
}

function toBytes(bytes: Uint8Array | string | null): Buffer | string | null {
  if (bytes === null || typeof bytes === 'string' || Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function toHeaders(headers: NonNullable<OutgoingRecord['headers']>): ProduceMessage['headers'] {
  const byName: ProduceMessage['headers'] = {};
  for (const [name, bytes] of headers) {
    const value = toBytes(bytes) ?? '';
    const before = byName[name];
    if (before === undefined) byName[name] = value;
    else byName[name] = Array.isArray(before) ? [...before, value] : [before, value];
  }
  return byName;
}
