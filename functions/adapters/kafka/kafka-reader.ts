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
      return await this.#retried(from.topic, () => this.#fetch(from, maxRecords));
    } catch (error) {
      if (!hasType(error, 'OFFSET_OUT_OF_RANGE')) throw error;
      const { first } = await this.bounds(from.topic, from.partition);
      return from.offset < first ? this.read({ ...from, offset: first }, maxRecords) : [];
    }
  }

  async #fetch(
    { topic, partition, offset }: RecordPosition,
    maxRecords: number,
  ): Promise<readonly LogRecord[]> {
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
    const messages = (responses[0]?.partitions[0]?.messages ?? []).filter(
      (message) => Number(message.offset) >= offset && message.isControlRecord !== true,
    );
    return messages.slice(0, maxRecords).map((message) => toLogRecord(topic, partition, message));
  }

  #retried<Result>(topic: string, work: () => Promise<Result>): Promise<Result> {
    const { clock, cluster, brokers } = this.#deps;
    return retried({ cluster, clock, brokers, topic, what: 'read from Kafka', work });
  }
}
