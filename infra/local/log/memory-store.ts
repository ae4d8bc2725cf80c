import type { AppendedRange, CommittedOffset, LogRecord, TopicSpec } from '../../../shared/log/log.ts';
import {
  type LogStore,
  type PlacedRecord,
  type ReadLimits,
  recordBytes,
  type UpkeepStep,
} from './log-store.ts';

interface Partition {
  readonly records: LogRecord[];
  first: number;
  next: number;
  bytes: number;
}

interface Topic {
  readonly spec: TopicSpec;
  readonly partitions: readonly Partition[];
}

/** Keeps the log in memory; it is gone with the process. */
export class MemoryStore implements LogStore {
  readonly #topics = new Map<string, Topic>();
  readonly #commits = new Map<string, number>();

  topic(name: string): TopicSpec | undefined {
    return this.#topics.get(name)?.spec;
  }

  createTopic(spec: TopicSpec): void {
    const partitions = Array.from({ length: spec.partitions }, () => ({
      records: [],
      first: 0,
      next: 0,
      bytes: 0,
    }));
    this.#topics.set(spec.name, { spec, partitions });
  }

  append(records: readonly PlacedRecord[], timestampMs: number): readonly AppendedRange[] {
    const counts = new Map<
      Partition,
      { topic: string; partition: number; baseOffset: number; count: number }
    >();
    for (const { topic, partition, key, value, headers } of records) {
      const to = this.#partition(topic, partition);
      const record: LogRecord = {
        topic,
        partition,
        offset: to.next,
        timestampMs,
        // Copies: the sender may use its buffers again, as it may with the other logs.
        key: key === null ? null : Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        headers: headers.map(([name, text]) => ({ key: name, value: Buffer.from(text) })),
      };
      const range = counts.get(to);
      if (range === undefined) counts.set(to, { topic, partition, baseOffset: to.next, count: 1 });
      else range.count += 1;
      to.records.push(record);
      to.bytes += recordBytes(key?.length ?? 0, value?.length ?? 0);
      to.next += 1;
    }
    return [...counts.values()];
  }

  bounds(topic: string, partition: number): { readonly first: number; readonly next: number } {
    const { first, next } = this.#partition(topic, partition);
    return { first, next };
  }

  read(topic: string, partition: number, offset: number, limits: ReadLimits): readonly LogRecord[] {
    const { records } = this.#partition(topic, partition);
    const found: LogRecord[] = [];
    let bytes = 0;
    for (let i = indexOf(records, offset); i < records.length && found.length < limits.maxRecords; i++) {
      const record = records[i];
      if (record === undefined) break;
      bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
      if (found.length > 0 && bytes > limits.maxBytes) break;
      found.push(record);
    }
    return found;
  }

  committed(groupId: string, topic: string, partition: number): number | undefined {
    return this.#commits.get(`${groupId}\n${topic}\n${partition}`);
  }

  commit(groupId: string, offsets: readonly CommittedOffset[]): void {
    for (const { topic, partition, next } of offsets) {
      this.#commits.set(`${groupId}\n${topic}\n${partition}`, next);
    }
  }

  upkeep(nowMs: number): UpkeepStep {
    let removed = 0;
    for (const { spec, partitions } of this.#topics.values()) {
      for (const partition of partitions) {
        removed += spec.compacted ? compact(partition) : expire(partition, spec, nowMs);
      }
    }
    return { removed, more: false };
  }

  close(): void {}

  #partition(topic: string, partition: number): Partition {
    const found = this.#topics.get(topic)?.partitions[partition];
    if (found === undefined) throw new RangeError(`no partition ${topic}-${partition}`);
    return found;
  }
}

function expire(partition: Partition, spec: TopicSpec, nowMs: number): number {
  let gone = 0;
  for (const record of partition.records) {
    const old = spec.retentionMs >= 0 && record.timestampMs < nowMs - spec.retentionMs;
    const over = spec.retentionBytes !== undefined && partition.bytes > spec.retentionBytes;
    if (!old && !over) break;
    partition.bytes -= recordBytes(record.key?.length ?? 0, record.value?.length ?? 0);
    partition.first = record.offset + 1;
    gone += 1;
  }
  partition.records.splice(0, gone);
  return gone;
}

function compact(partition: Partition): number {
  const newest = new Map<string, number>();
  for (const record of partition.records) newest.set(String(record.key), record.offset);
  const kept = partition.records.filter((record) => newest.get(String(record.key)) === record.offset);
  const removed = partition.records.length - kept.length;
  partition.records.splice(0, partition.records.length, ...kept);
  return removed;
}

/** The index of the first record at or after an offset. */
function indexOf(records: readonly LogRecord[], offset: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.offset ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
