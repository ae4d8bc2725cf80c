import type { AppendedRange, CommittedOffset, LogRecord, TopicSpec } from '../../../shared/log/log.ts';
import type { Millis } from '../../../shared/units.ts';

/** A record whose partition is decided, ready to be stored. */
export interface PlacedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly (readonly [key: string, value: Uint8Array | string])[];
}

/** How much a read may give. The first record comes whatever its size. */
export interface ReadLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** What one step of upkeep did. */
export interface UpkeepStep {
  readonly removed: number;
  /** Whether there may be more to do at once. */
  readonly more: boolean;
}

/**
 * Where a local log keeps its records and offsets. Everything is synchronous: a step is done, and as durable
 * as the store makes it, when the call returns. `StoredLog` puts the log's rules on top.
 */
export interface LogStore {
  topic(name: string): TopicSpec | undefined;
  createTopic(spec: TopicSpec): void;
  /** Appends all or none, in order, and says where they stand. */
  append(records: readonly PlacedRecord[], timestampMs: Millis): readonly AppendedRange[];
  bounds(topic: string, partition: number): { readonly first: number; readonly next: number };
  read(topic: string, partition: number, offset: number, limits: ReadLimits): readonly LogRecord[];
  committed(groupId: string, topic: string, partition: number): number | undefined;
  commit(groupId: string, offsets: readonly CommittedOffset[]): void;
  /** One bounded step of retention and compaction. */
  upkeep(nowMs: Millis): UpkeepStep;
  close(): void;
}

/** What a record costs beside its key and value: header, offset, timestamp, roughly. */
const RECORD_OVERHEAD_BYTES = 70;

/** The bytes that a record counts for retention by size. */
export function recordBytes(keyBytes: number, valueBytes: number): number {
  return keyBytes + valueBytes + RECORD_OVERHEAD_BYTES;
}
