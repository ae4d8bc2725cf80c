/** Where a record stands in the log. Offsets are safe integers. */
export interface RecordPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** One header of a record; Kafka allows a key more than once and keeps the order. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Buffer;
}

/** A record as the log keeps it. `value` null is a tombstone. */
export interface LogRecord extends RecordPosition {
  /** Wall time of the append or of the producer, in milliseconds. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
}

/** A record on its way to the log. Without a `partition` the key decides (murmur2); keyless goes to 0. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: Uint8Array | string | null;
  readonly value: Uint8Array | string | null;
  readonly headers?: readonly (readonly [key: string, value: Uint8Array | string])[];
  readonly partition?: number;
}

/** Where the records of one `send` came to stand in one partition: `count` of them from `baseOffset`. */
export interface AppendedRange {
  readonly topic: string;
  readonly partition: number;
  readonly baseOffset: number;
  readonly count: number;
}

/**
 * Appends records, acknowledged by the log before the promise resolves.
 * Records of one key keep the order in which they were sent.
 */
export interface LogProducer {
  /**
   * Fails with a `CodedError` whose `canRetry` says whether the same records may go later. Then none of them is
   * acknowledged, and every later send of the topic that was still waiting fails too, so that nothing overtakes.
   * `LOG_QUEUE_FULL`: too much waits already; nothing of this send was taken.
   */
  send(records: readonly OutgoingRecord[]): Promise<readonly AppendedRange[]>;
  close(): Promise<void>;
}

/** Reads partitions without a group: for resuming, for the operator's commands and for tests. */
export interface LogReader {
  /** The partitions of a topic, from 0. Fails with `LOG_UNKNOWN_TOPIC` where there is none. */
  partitions(topic: string): Promise<number>;
  /** The first offset that is kept and the offset that the next append will get. */
  bounds(topic: string, partition: number): Promise<{ readonly first: number; readonly next: number }>;
  /**
   * Up to `maxRecords` records from `offset` on, in order; empty at the end of the partition. Below the first
   * kept offset it starts there. It may give fewer than there are: read on until it gives none.
   */
  read(from: RecordPosition, maxRecords: number): Promise<readonly LogRecord[]>;
}

/** The next record that a group wants of one partition. */
export interface CommittedOffset {
  readonly topic: string;
  readonly partition: number;
  /** The offset of the next record to be processed. */
  readonly next: number;
}

/** Records that a group has not read, per partition. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
}

/**
 * A member of a consumer group on one topic. It is at-least-once: what was fetched and not committed
 * comes again to whoever owns the partition next.
 */
export interface LogConsumer {
  /**
   * Records of the partitions owned, in order within each; waits up to `waitMs` for the first (`Infinity`:
   * until one comes or the consumer is closed). `maxBytes` counts keys, values and headers; the first record
   * comes whatever its size. Where the consumer is closed meanwhile it gives none; closed before, it fails with
   * `LOG_CLOSED`.
   */
  fetch(limits: {
    readonly maxRecords: number;
    readonly maxBytes: number;
    readonly waitMs: number;
  }): Promise<readonly LogRecord[]>;
  /**
   * Records that everything below `next` has been processed. Offsets of partitions that this member no longer
   * owns are left out: their new owner gets those records again.
   */
  commit(offsets: readonly CommittedOffset[]): Promise<void>;
  /** Goes back to the committed offsets, so that what was fetched since comes again. */
  rewind(partitions: readonly { readonly topic: string; readonly partition: number }[]): Promise<void>;
  /** What the group has not committed, of the partitions that this member owns. */
  lag(): Promise<readonly PartitionLag[]>;
  /** Leaves the group and wakes a waiting `fetch`. May be called more than once. */
  close(): Promise<void>;
}

/** What a topic is created with. Durations in milliseconds; -1 keeps for ever. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly retentionBytes?: number;
  /** Compacted topics keep the newest record of each key. */
  readonly compacted: boolean;
}

/** The log: the embedded one, the in-memory one of the tests, or Kafka. */
export interface Log {
  /** Creates what is missing and returns the differences of what exists, in words for a person. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<readonly string[]>;
  producer(): Promise<LogProducer>;
  reader(): Promise<LogReader>;
  consumer(options: { readonly groupId: string; readonly topic: string }): Promise<LogConsumer>;
  close(): Promise<void>;
}
