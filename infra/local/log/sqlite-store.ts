import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { assert, CodedError } from '../../../shared/coded-error.ts';
import type { AppendedRange, CommittedOffset, LogRecord, TopicSpec } from '../../../shared/log/log.ts';
import type { LogDatabase } from './log-database.ts';
import { MAX_PARTITIONS, OFFSETS_PER_PARTITION } from './log-schema.ts';
import {
  type LogStore,
  type PlacedRecord,
  type ReadLimits,
  recordBytes,
  type UpkeepStep,
} from './log-store.ts';
import { decodeHeaders, encodeHeaders } from './record-headers.ts';
import { SqliteUpkeep } from './sqlite-upkeep.ts';

/** What the store knows of a partition without asking the file. */
export interface PartitionState {
  readonly id: number;
  readonly topic: TopicSpec;
  readonly partition: number;
  first: number;
  next: number;
  bytes: number;
  /** Compaction has looked at everything below this offset. */
  compactedTo: number;
}

interface TopicState {
  readonly spec: TopicSpec;
  readonly partitions: readonly PartitionState[];
}

/** Keeps the log in SQLite. Each append, commit and step of upkeep is one transaction. */
export class SqliteStore implements LogStore {
  readonly #folder: LogDatabase;
  readonly #database: DatabaseSync;
  readonly #topics = new Map<string, TopicState>();
  readonly #commits = new Map<string, number>();
  readonly #insert: StatementSync;
  readonly #advance: StatementSync;
  readonly #select: StatementSync;
  readonly #commit: StatementSync;
  readonly #upkeep: SqliteUpkeep;

  constructor(folder: LogDatabase) {
    this.#folder = folder;
    const database = folder.database;
    this.#database = database;
    this.#insert = database.prepare('INSERT INTO records VALUES (?, ?, ?, ?, ?)');
    this.#advance = database.prepare('UPDATE partitions SET next_offset = ?, size_bytes = ? WHERE id = ?');
    this.#select = database.prepare(
      'SELECT id, timestamp_ms, key, value, headers FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?',
    );
    this.#select.setReturnArrays(true);
    this.#commit = database.prepare(
      'INSERT INTO commits VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset',
    );
    this.#upkeep = new SqliteUpkeep(database);
    this.#load();
  }

  topic(name: string): TopicSpec | undefined {
    return this.#topics.get(name)?.spec;
  }

  createTopic(spec: TopicSpec): void {
    const used = [...this.#topics.values()].reduce((sum, topic) => sum + topic.partitions.length, 0);
    if (used + spec.partitions > MAX_PARTITIONS) {
      throw new CodedError('LOG_TOO_MANY_PARTITIONS', `The log holds at most ${MAX_PARTITIONS} partitions.`);
    }
    this.#transaction(() => {
      this.#database
        .prepare('INSERT INTO topics VALUES (?, ?, ?, ?, ?)')
        .run(
          spec.name,
          spec.partitions,
          spec.retentionMs,
          spec.retentionBytes ?? null,
          spec.compacted ? 1 : 0,
        );
      const insert = this.#database.prepare(
        'INSERT INTO partitions (topic, partition, first_offset, next_offset, size_bytes, compacted_to) VALUES (?, ?, 0, 0, 0, 0)',
      );
      for (let partition = 0; partition < spec.partitions; partition++) insert.run(spec.name, partition);
    });
    this.#load();
  }

  append(records: readonly PlacedRecord[], timestampMs: number): readonly AppendedRange[] {
    const grown = new Map<PartitionState, { base: number; next: number; bytes: number }>();
    this.#transaction(() => {
      let last: PlacedRecord | undefined;
      let state: PartitionState | undefined;
      let growth: { base: number; next: number; bytes: number } | undefined;
      for (const record of records) {
        if (state === undefined || record.topic !== last?.topic || record.partition !== last.partition) {
          state = this.#partition(record.topic, record.partition);
          growth = grown.get(state) ?? { base: state.next, next: state.next, bytes: state.bytes };
          grown.set(state, growth);
          last = record;
        }
        assert(growth !== undefined, 'a record is stored into a partition');
        const id = state.id * OFFSETS_PER_PARTITION + growth.next;
        this.#insert.run(id, timestampMs, record.key, record.value, encodeHeaders(record.headers));
        growth.next += 1;
        growth.bytes += recordBytes(record.key?.length ?? 0, record.value?.length ?? 0);
      }
      for (const [{ id }, { next, bytes }] of grown) this.#advance.run(next, bytes, id);
    });
    const ranges: AppendedRange[] = [];
    for (const [state, { base, next, bytes }] of grown) {
      state.next = next;
      state.bytes = bytes;
      ranges.push({
        topic: state.topic.name,
        partition: state.partition,
        baseOffset: base,
        count: next - base,
      });
    }
    return ranges;
  }

  bounds(topic: string, partition: number): { readonly first: number; readonly next: number } {
    const { first, next } = this.#partition(topic, partition);
    return { first, next };
  }

  read(topic: string, partition: number, offset: number, limits: ReadLimits): readonly LogRecord[] {
    const { id, first, next } = this.#partition(topic, partition);
    const found: LogRecord[] = [];
    const from = Math.max(offset, first);
    if (from >= next) return found;
    const base = id * OFFSETS_PER_PARTITION;
    let bytes = 0;
    for (const row of this.#select.iterate(base + from, base + next, limits.maxRecords)) {
      const record = toRecord(row, base, topic, partition);
      bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
      if (found.length > 0 && bytes > limits.maxBytes) break;
      found.push(record);
    }
    return found;
  }

  committed(groupId: string, topic: string, partition: number): number | undefined {
    return this.#commits.get(commitKey(groupId, topic, partition));
  }

  commit(groupId: string, offsets: readonly CommittedOffset[]): void {
    this.#transaction(() => {
      for (const { topic, partition, next } of offsets) this.#commit.run(groupId, topic, partition, next);
    });
    for (const { topic, partition, next } of offsets) {
      this.#commits.set(commitKey(groupId, topic, partition), next);
    }
  }

  upkeep(nowMs: number): UpkeepStep {
    let step: UpkeepStep = { removed: 0, more: false };
    for (const { partitions } of this.#topics.values()) {
      for (const partition of partitions) {
        const done = this.#transaction(() => this.#upkeep.step(partition, nowMs));
        step = { removed: step.removed + done.removed, more: step.more || done.more };
      }
    }
    return step;
  }

  /** Takes in what another process has appended since; for readers beside a writer. */
  refresh(): void {
    this.#load();
  }

  close(): void {
    this.#folder.close();
  }

  #partition(topic: string, partition: number): PartitionState {
    const state = this.#topics.get(topic)?.partitions[partition];
    assert(state !== undefined, `the store is asked for ${topic}-${partition}, which is not there`);
    return state;
  }

  #load(): void {
    const topics = this.#database.prepare('SELECT * FROM topics').all();
    const partitions = this.#database.prepare('SELECT * FROM partitions WHERE topic = ? ORDER BY partition');
    for (const row of topics) {
      const bytes = row.retention_bytes;
      const spec: TopicSpec = {
        name: String(row.name),
        partitions: Number(row.partitions),
        retentionMs: Number(row.retention_ms),
        ...(bytes === null ? {} : { retentionBytes: Number(bytes) }),
        compacted: row.compacted === 1,
      };
      const states = partitions.all(spec.name).map((partition) => ({
        id: Number(partition.id),
        topic: spec,
        partition: Number(partition.partition),
        first: Number(partition.first_offset),
        next: Number(partition.next_offset),
        bytes: Number(partition.size_bytes),
        compactedTo: Number(partition.compacted_to),
      }));
      this.#topics.set(spec.name, { spec, partitions: states });
    }
    for (const row of this.#database.prepare('SELECT * FROM commits').all()) {
      const place = commitKey(String(row.group_id), String(row.topic), Number(row.partition));
      this.#commits.set(place, Number(row.next_offset));
    }
  }

  #transaction<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function toRecord(row: unknown, base: number, topic: string, partition: number): LogRecord {
  assert(Array.isArray(row), 'rows are read as arrays');
  const [id, timestampMs, key, value, headers] = row;
  return {
    topic,
    partition,
    offset: id - base,
    timestampMs,
    key: toBuffer(key),
    value: toBuffer(value),
    headers: decodeHeaders(headers),
  };
}

function toBuffer(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function commitKey(groupId: string, topic: string, partition: number): string {
  return `${groupId}\n${topic}\n${partition}`;
}
