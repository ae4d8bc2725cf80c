import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { OFFSETS_PER_PARTITION } from './log-schema.ts';
import { recordBytes, type UpkeepStep } from './log-store.ts';
import type { PartitionState } from './sqlite-store.ts';

/** Records looked at in one step: some milliseconds of work. */
const STEP_RECORDS = 2000;

/** How long a compacted topic keeps a tombstone, so that slow readers see it; Kafka's default. */
const TOMBSTONE_MS = 86_400_000;

/**
 * Retention and compaction in bounded steps, inside the caller's transaction. Retention takes records from
 * the front while they are too old or the partition too large. Compaction walks each record once and removes
 * the older record of its key.
 */
export class SqliteUpkeep {
  readonly #front: StatementSync;
  readonly #delete: StatementSync;
  readonly #save: StatementSync;
  readonly #keys: StatementSync;
  readonly #newest: StatementSync;
  readonly #setNewest: StatementSync;
  readonly #dropNewest: StatementSync;
  readonly #size: StatementSync;
  readonly #tombstones: StatementSync;

  constructor(database: DatabaseSync) {
    this.#front = database.prepare(
      'SELECT id, timestamp_ms, length(key) AS key_bytes, length(value) AS value_bytes FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?',
    );
    this.#delete = database.prepare('DELETE FROM records WHERE id >= ? AND id <= ?');
    this.#save = database.prepare(
      'UPDATE partitions SET first_offset = ?, size_bytes = ?, compacted_to = ? WHERE id = ?',
    );
    this.#keys = database.prepare('SELECT id, key FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?');
    this.#newest = database.prepare('SELECT record_id FROM newest WHERE partition_id = ? AND key = ?');
    this.#setNewest = database.prepare(
      'INSERT INTO newest VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET record_id = excluded.record_id',
    );
    this.#dropNewest = database.prepare('DELETE FROM newest WHERE partition_id = ? AND record_id = ?');
    this.#size = database.prepare(
      'SELECT length(key) AS key_bytes, length(value) AS value_bytes FROM records WHERE id = ?',
    );
    this.#tombstones = database.prepare(
      'SELECT id FROM records WHERE id >= ? AND id < ? AND value IS NULL AND timestamp_ms < ? LIMIT ?',
    );
  }

  step(partition: PartitionState, nowMs: number): UpkeepStep {
    return partition.topic.compacted ? this.#compact(partition, nowMs) : this.#expire(partition, nowMs);
  }

  #expire(partition: PartitionState, nowMs: number): UpkeepStep {
    const { retentionMs, retentionBytes } = partition.topic;
    const base = partition.id * OFFSETS_PER_PARTITION;
    const oldest = retentionMs < 0 ? Number.NEGATIVE_INFINITY : nowMs - retentionMs;
    let bytes = partition.bytes;
    let removed = 0;
    let last = -1;
    for (const row of this.#front.iterate(base + partition.first, base + partition.next, STEP_RECORDS)) {
      const over = retentionBytes !== undefined && bytes > retentionBytes;
      if (Number(row.timestamp_ms) >= oldest && !over) break;
      bytes -= storedBytes(row);
      last = Number(row.id);
      removed += 1;
    }
    if (removed > 0) {
      this.#delete.run(base + partition.first, last);
      partition.first = last - base + 1;
      partition.bytes = bytes;
      this.#saveState(partition);
    }
    return { removed, more: removed === STEP_RECORDS };
  }

  #compact(partition: PartitionState, nowMs: number): UpkeepStep {
    const base = partition.id * OFFSETS_PER_PARTITION;
    const rows = this.#keys.all(base + partition.compactedTo, base + partition.next, STEP_RECORDS);
    let removed = 0;
    for (const row of rows) {
      const id = Number(row.id);
      const key = row.key;
      if (!(key instanceof Uint8Array)) continue;
      const older = this.#newest.get(partition.id, key)?.record_id;
      if (older !== undefined) {
        this.#remove(partition, Number(older));
        removed += 1;
      }
      this.#setNewest.run(partition.id, key, id);
      partition.compactedTo = id - base + 1;
    }
    const to = base + partition.compactedTo;
    for (const row of this.#tombstones.all(base, to, nowMs - TOMBSTONE_MS, STEP_RECORDS)) {
      this.#dropNewest.run(partition.id, Number(row.id));
      this.#remove(partition, Number(row.id));
      removed += 1;
    }
    if (rows.length > 0 || removed > 0) this.#saveState(partition);
    return { removed, more: rows.length === STEP_RECORDS };
  }

  #remove(partition: PartitionState, id: number): void {
    const row = this.#size.get(id);
    if (row === undefined) return;
    partition.bytes -= storedBytes(row);
    this.#delete.run(id, id);
  }

  #saveState(partition: PartitionState): void {
    this.#save.run(partition.first, partition.bytes, partition.compactedTo, partition.id);
  }
}

function storedBytes(row: Record<string, unknown>): number {
  return recordBytes(Number(row.key_bytes ?? 0), Number(row.value_bytes ?? 0));
}
