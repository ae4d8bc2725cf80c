import type { Clock, Timer } from '../../../shared/clock.ts';
import type {
  AppendedRange,
  Log,
  LogConsumer,
  LogProducer,
  LogReader,
  OutgoingRecord,
  TopicSpec,
} from '../../../shared/log/log.ts';
import {
  keyRequired,
  logClosed,
  recordTooLarge,
  unknownPartition,
  unknownTopic,
} from '../../../shared/log/log-errors.ts';
import { Partitioner } from '../../../shared/log/partitioner.ts';
import { topicDifferences } from '../../../shared/log/topic-differences.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { GroupCommit } from './group-commit.ts';
import type { LogStore, PlacedRecord } from './log-store.ts';
import { StoredConsumer } from './stored-consumer.ts';

/** Largest value of one record. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;
/** Most bytes of one `read`. */
const READ_BYTES = 8 * 1024 * 1024;
/** Between two steps of upkeep when there is more to do at once. */
const BUSY_UPKEEP_MS = 200;

/** How a stored log is set up. */
export interface StoredLogOptions {
  readonly store: LogStore;
  /** Wall time: retention and record timestamps follow it, also in a replay. */
  readonly clock: Clock;
  /** Runs a task soon: `setImmediate` where others need their turn, `queueMicrotask` on a virtual clock. */
  readonly schedule: (task: () => void) => void;
  /** How often retention and compaction look; undefined: never. */
  readonly upkeepMs: number | undefined;
}

/** A log in this process on a {@link LogStore}: the rules of the port that do not depend on where bytes lie. */
export class StoredLog implements Log {
  readonly #store: LogStore;
  readonly #clock: Clock;
  readonly #schedule: (task: () => void) => void;
  readonly #commits: GroupCommit;
  readonly #partitioner = new Partitioner();
  readonly #groups = new Map<string, ConsumerGroup>();
  readonly #consumers = new Map<string, Set<StoredConsumer>>();
  #upkeep: Timer | undefined;
  #closed = false;

  constructor(options: StoredLogOptions) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#schedule = options.schedule;
    this.#commits = new GroupCommit({
      store: options.store,
      nowMs: () => Math.floor(options.clock.nowUs() / 1000),
      schedule: options.schedule,
      onAppended: (ranges) => this.#wake(ranges),
    });
    if (options.upkeepMs !== undefined) this.#planUpkeep(options.upkeepMs, options.upkeepMs);
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<readonly string[]> {
    this.#assertOpen();
    const differences: string[] = [];
    for (const wanted of topics) {
      const existing = this.#store.topic(wanted.name);
      if (existing === undefined) this.#store.createTopic(wanted);
      else differences.push(...topicDifferences(wanted, existing));
    }
    return differences;
  }

  async producer(): Promise<LogProducer> {
    this.#assertOpen();
    let closed = false;
    return {
      send: async (records) => {
        if (closed) throw logClosed('producer');
        this.#assertOpen();
        if (records.length === 0) return [];
        return this.#commits.add(records.map((record) => this.#place(record)));
      },
      close: async () => {
        closed = true;
        this.#commits.flush();
      },
    };
  }

  async reader(): Promise<LogReader> {
    this.#assertOpen();
    return {
      partitions: async (topic) => this.#topic(topic).partitions,
      bounds: async (topic, partition) => {
        this.#checkPartition(topic, partition);
        return this.#store.bounds(topic, partition);
      },
      read: async ({ topic, partition, offset }, maxRecords) => {
        this.#checkPartition(topic, partition);
        return this.#store.read(topic, partition, offset, { maxRecords, maxBytes: READ_BYTES });
      },
    };
  }

  async consumer(options: { readonly groupId: string; readonly topic: string }): Promise<LogConsumer> {
    this.#assertOpen();
    const { groupId, topic } = options;
    const name = `${groupId}\n${topic}`;
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = new ConsumerGroup(this.#store, groupId, topic, this.#topic(topic).partitions);
      this.#groups.set(name, group);
    }
    const readers = this.#consumers.get(topic) ?? new Set();
    this.#consumers.set(topic, readers);
    const consumer = new StoredConsumer({
      clock: this.#clock,
      group,
      schedule: this.#schedule,
      onClose: (closed) => readers.delete(closed),
    });
    readers.add(consumer);
    return consumer;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#commits.flush();
    this.#closed = true;
    this.#upkeep?.cancel();
    for (const readers of this.#consumers.values()) {
      for (const consumer of [...readers]) await consumer.close();
    }
    this.#store.close();
  }

  #place(record: OutgoingRecord): PlacedRecord {
    const topic = this.#topic(record.topic);
    if (topic.compacted && record.key === null) throw keyRequired(record.topic);
    const partition = record.partition ?? this.#partitioner.partition(record.key, topic.partitions);
    this.#checkPartition(record.topic, partition);
    const value = typeof record.value === 'string' ? Buffer.from(record.value) : record.value;
    const sizeBytes = value?.length ?? 0;
    if (sizeBytes > MAX_RECORD_BYTES) {
      throw recordTooLarge(record.topic, { sizeBytes, limitBytes: MAX_RECORD_BYTES });
    }
    const key = record.key === null ? null : Buffer.from(record.key);
    return { topic: record.topic, partition, key, value, headers: record.headers ?? [] };
  }

  #topic(name: string): TopicSpec {
    const topic = this.#store.topic(name);
    if (topic === undefined) throw unknownTopic(name);
    return topic;
  }

  #checkPartition(topic: string, partition: number): void {
    const { partitions } = this.#topic(topic);
    if (!Number.isInteger(partition) || partition < 0 || partition >= partitions) {
      throw unknownPartition(topic, partition);
    }
  }

  #wake(ranges: readonly AppendedRange[]): void {
    for (const { topic } of ranges) {
      for (const consumer of this.#consumers.get(topic) ?? []) consumer.wake();
    }
  }

  #planUpkeep(delayMs: number, everyMs: number): void {
    this.#upkeep = this.#clock.after(delayMs, () => {
      this.#planUpkeep(this.#upkeepStep() ? Math.min(BUSY_UPKEEP_MS, everyMs) : everyMs, everyMs);
    });
  }

  #upkeepStep(): boolean {
    try {
      return this.#store.upkeep(this.#clock.nowUs() / 1000).more;
    } catch {
      // A full disk, say: the senders are told by their own errors, and the next step tries again.
      return false;
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw logClosed('log');
  }
}
