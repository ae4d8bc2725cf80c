import type { Admin } from 'kafkajs';
import type { Clock } from '../../../shared/clock.ts';
import type { LogReader, LogRecord, RecordPosition } from '../../../shared/log/log.ts';
import { unknownPartition } from '../../../shared/log/log-errors.ts';
import { hasType } from './kafka-errors.ts';
import type { FetchingCluster } from './kafkajs-internals.ts';
import { toLogRecord } from './message-record.ts';
import { retried } from './retried.ts';

/** What the reader works with. */
export interface KafkaReaderDeps {
  readonly admin: Admin;
  readonly cluster: FetchingCluster;
  readonly clock: Clock;
  readonly partitions: (topic: string) => Promise<number>;
  readonly brokers: string;
}

const FETCH_BYTES = 8 * 1024 * 1024;
/** A broker that throttles answers with nothing; so does one whose last batches were compacted away. */
const EMPTY_TRIES = 6;
const EMPTY_WAIT_MS = 200;

/** Reads partitions of Kafka without a consumer group. */
export class KafkaLogReader implements LogReader {
  readonly #deps: KafkaReaderDeps;

  constructor(deps: KafkaReaderDeps) {
    this.#deps = deps;
  }

  partitions(topic: string): Promise<number> {
    return this.#deps.partitions(topic);
  }

  async bounds(topic: string, partition: number): Promise<{ readonly first: number; readonly next: number }> {
    const all = await this.#retried(topic, () => this.#deps.admin.fetchTopicOffsets(topic));
    const bound = all.find((candidate) => candidate.partition === partition);
    if (bound === undefined) throw unknownPartition(topic, partition);
    return { first: Number(bound.low), next: Number(bound.high) };
  }

  async read(from: RecordPosition, maxRecords: number): Promise<readonly LogRecord[]> {
    try {
      for (let empty = 1; ; empty += 1) {
        const { records, end } = await this.#retried(from.topic, () => this.#fetch(from, maxRecords));
        if (records.length > 0 || from.offset >= end || empty === EMPTY_TRIES) return records;
        await new Promise<void>((resolve) => this.#deps.clock.after(EMPTY_WAIT_MS, resolve));
      }
    } catch (error) {
      if (!hasType(error, 'OFFSET_OUT_OF_RANGE')) throw error;
      const { first } = await this.bounds(from.topic, from.partition);
      return from.offset < first ? this.read({ ...from, offset: first }, maxRecords) : [];
    }
  }

  async #fetch(
    { topic, partition, offset }: RecordPosition,
    maxRecords: number,
  ): Promise<{ readonly records: readonly LogRecord[]; readonly end: number }> {
    const { cluster } = this.#deps;
    if (!cluster.isConnected()) await cluster.connect();
    await cluster.addTargetTopic(topic);
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    if (nodeId === undefined) throw unknownPartition(topic, partition);
    const broker = await cluster.findBroker({ nodeId });
    const asked = { partition, fetchOffset: String(offset), maxBytes: FETCH_BYTES };
    const { responses } = await broker.fetch({
      maxWaitTime: 0,
      minBytes: 0,
      maxBytes: FETCH_BYTES,
      topics: [{ topic, partitions: [asked] }],
    });
    // A broker gives whole batches, so the first may begin before the offset asked for.
    const answer = responses[0]?.partitions[0];
    const messages = (answer?.messages ?? []).filter(
      (message) => Number(message.offset) >= offset && message.isControlRecord !== true,
    );
    return {
      records: messages.slice(0, maxRecords).map((message) => toLogRecord(topic, partition, message)),
      end: Number(answer?.highWatermark ?? offset),
    };
  }

  #retried<Result>(topic: string, work: () => Promise<Result>): Promise<Result> {
    const { clock, cluster, brokers } = this.#deps;
    return retried({ cluster, clock, brokers, topic, what: 'read from Kafka', work });
  }
}
