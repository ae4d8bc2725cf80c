import type { DuckDBConnection } from '@duckdb/node-api';
import type { Catalogue, StoredTable } from '../catalogue.ts';
import type { Serial } from '../serial.ts';
import { type RejectedRecord, ServiceError } from '../service-error.ts';
import { type IncomingRecord, incomingRecord } from './incoming-record.ts';
import { RecentMarks } from './recent-marks.ts';
import { oldestKeptNs, type Placement, placementOf } from './retention.ts';
import { keyText, type RowKey, readMarks, readNewest, removeOlder, writeRows } from './row-storage.ts';
import { TableShape } from './table-shape.ts';
import { judge, type StoredMark } from './version-rule.ts';
import type { WriteRequest } from './write-request.ts';

/** How many records of a call were stored, and in which of the two stores. */
export interface Ingested {
  readonly total: number;
  readonly memoryStore: number;
  readonly magneticStore: number;
}

interface PendingCall {
  readonly request: WriteRequest;
  readonly resolve: (ingested: Ingested) => void;
  readonly reject: (error: unknown) => void;
}

/** The times that records are judged by, as they are now. */
export interface StoreClocks {
  readonly nowMs: () => number;
  /** What retention counts back from. */
  readonly retentionNowMs: () => number;
}

/** Calls that may wait; more are throttled. */
const WAITING_MOST = 1000;
/** Calls that are written in one transaction. */
const TOGETHER_MOST = 50;
/** How often, on the clock that judges retention, expired rows are removed. */
const SWEEP_MS = 10 * 60_000;

/**
 * Stores the records of WriteRecords calls. Calls that arrive while a transaction runs are written together
 * in the next one; a call is answered when its rows are on the disk.
 */
export class RecordWriter {
  readonly #connection: DuckDBConnection;
  readonly #catalogue: Catalogue;
  readonly #serial: Serial;
  readonly #clocks: StoreClocks;
  readonly #recent = new Map<number, RecentMarks>();
  readonly #sweptMs = new Map<number, number>();
  #waiting: PendingCall[] = [];
  #isScheduled = false;

  constructor(connection: DuckDBConnection, catalogue: Catalogue, serial: Serial, clocks: StoreClocks) {
    this.#connection = connection;
    this.#catalogue = catalogue;
    this.#serial = serial;
    this.#clocks = clocks;
  }

  /** Stores the records; fails with RejectedRecordsException where some were not stored. */
  write(request: WriteRequest): Promise<Ingested> {
    this.#catalogue.table(request.database, request.table);
    if (this.#waiting.length >= WAITING_MOST) {
      throw new ServiceError('ThrottlingException', 'Too many WriteRecords calls are waiting.');
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    void this.#serial.run(async () => {
      this.#isScheduled = false;
      const calls = this.#waiting.slice(0, TOGETHER_MOST);
      this.#waiting = this.#waiting.slice(TOGETHER_MOST);
      this.#schedule();
      for (const [, together] of Map.groupBy(
        calls,
        ({ request }) => `${request.database}\u0000${request.table}`,
      )) {
        await this.#writeTogether(together);
      }
    });
  }

  async #writeTogether(calls: readonly PendingCall[]): Promise<void> {
    try {
      const first = calls[0];
      if (first === undefined) return;
      const table = this.#catalogue.table(first.request.database, first.request.table);
      const outcomes = await this.#store(table, calls);
      for (const [index, call] of calls.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) continue;
        if (outcome.rejected.length === 0) call.resolve(outcome.ingested);
        else call.reject(rejection(outcome.rejected));
      }
    } catch (error) {
      for (const call of calls) call.reject(error);
    }
  }

  async #store(before: StoredTable, calls: readonly PendingCall[]): Promise<readonly CallOutcome[]> {
    const now = { nowMs: this.#clocks.nowMs(), retentionNowMs: this.#clocks.retentionNowMs() };
    const shape = new TableShape(before);
    const outcomes = calls.map(() => new CallOutcome());
    const admitted: Admitted[] = [];
    for (const [callIndex, { request }] of calls.entries()) {
      const outcome = outcomes[callIndex];
      if (outcome === undefined) continue;
      for (const [index, raw] of request.records.entries()) {
        const record = incomingRecord(raw, index);
        if ('reason' in record) {
          outcome.rejected.push({ recordIndex: index, reason: record.reason });
          continue;
        }
        const placement = placementOf(record.timeNs, before.settings, now);
        const reason = placement.kind === 'refused' ? placement.reason : shape.admit(record);
        if (reason !== undefined) outcome.rejected.push({ recordIndex: index, reason });
        else admitted.push({ record, outcome, placement, key: keyText(record) });
      }
    }
    const change = shape.change();
    if (change !== undefined) await this.#catalogue.extend(before, change);
    const table = this.#catalogue.table(before.database, before.name);
    await this.#commit(table, admitted);
    await this.#sweep(table, now.retentionNowMs);
    return outcomes;
  }

  async #commit(table: StoredTable, admitted: readonly Admitted[]): Promise<void> {
    const recent = await this.#recentOf(table);
    const marks = await this.#marksOf(table, recent, admitted);
    const stored = new Set(marks.keys());
    const winners = new Map<string, IncomingRecord>();
    for (const { record, outcome, placement, key } of admitted) {
      const mark = marks.get(key);
      const verdict = judge(mark, record);
      if (verdict === 'reject') {
        outcome.rejected.push({
          recordIndex: record.index,
          reason: conflictReason(record, mark),
          ...(mark === undefined ? {} : { existingVersion: mark.version }),
        });
        continue;
      }
      outcome.count(placement);
      if (verdict === 'same') continue;
      winners.set(key, record);
      marks.set(key, record);
    }
    if (winners.size === 0) return;
    const replaced: RowKey[] = [];
    for (const [key, record] of winners) if (stored.has(key)) replaced.push(record);
    await this.#connection.run('BEGIN');
    try {
      await writeRows(this.#connection, table, replaced, [...winners.values()]);
      await this.#connection.run('COMMIT');
    } catch (error) {
      this.#recent.delete(table.id);
      await this.#connection.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
    for (const [key, record] of winners) {
      recent.remember(key, record.series, record.timeNs, { version: record.version, digest: record.digest });
    }
  }

  async #marksOf(
    table: StoredTable,
    recent: RecentMarks,
    admitted: readonly Admitted[],
  ): Promise<Map<string, StoredMark>> {
    const marks = new Map<string, StoredMark>();
    const unknown = new Map<string, RowKey>();
    for (const { record, key } of admitted) {
      const found = recent.find(key, record.series, record.timeNs);
      if (found === 'unknown') unknown.set(key, record);
      else if (found !== undefined) marks.set(key, found);
    }
    for (const [key, mark] of await readMarks(this.#connection, table, [...unknown.values()])) {
      marks.set(key, mark);
    }
    return marks;
  }

  async #recentOf(table: StoredTable): Promise<RecentMarks> {
    const known = this.#recent.get(table.id);
    if (known !== undefined) return known;
    const recent = new RecentMarks(await readNewest(this.#connection, table));
    this.#recent.set(table.id, recent);
    return recent;
  }

  async #sweep(table: StoredTable, nowMs: number): Promise<void> {
    const swept = this.#sweptMs.get(table.id);
    if (swept !== undefined && nowMs < swept + SWEEP_MS) return;
    this.#sweptMs.set(table.id, nowMs);
    await removeOlder(this.#connection, table, oldestKeptNs(table.settings, nowMs));
  }
}

interface Admitted {
  readonly record: IncomingRecord;
  readonly outcome: CallOutcome;
  readonly placement: Placement;
  readonly key: string;
}

/** What became of the records of one call. */
class CallOutcome {
  readonly rejected: RejectedRecord[] = [];
  #memoryStore = 0;
  #magneticStore = 0;

  count(placement: Placement): void {
    if (placement.kind === 'magnetic') this.#magneticStore += 1;
    else this.#memoryStore += 1;
  }

  get ingested(): Ingested {
    return {
      total: this.#memoryStore + this.#magneticStore,
      memoryStore: this.#memoryStore,
      magneticStore: this.#magneticStore,
    };
  }
}

function rejection(rejected: readonly RejectedRecord[]): ServiceError {
  return new ServiceError(
    'RejectedRecordsException',
    'One or more records have been rejected. See RejectedRecords for details.',
    rejected.toSorted((left, right) => left.recordIndex - right.recordIndex),
  );
}

function conflictReason(record: IncomingRecord, mark: StoredMark | undefined): string {
  if (mark !== undefined && mark.version > record.version) {
    return (
      'A record already exists with the same time, dimensions, measure name, and a higher record version. ' +
      'A higher record version must be specified in order to update the measure value.'
    );
  }
  return (
    'A record already exists with the same time, dimensions, measure name, and record version. ' +
    'A higher record version must be specified in order to update the measure value. ' +
    'Specifying record version is supported by the latest SDKs.'
  );
}
