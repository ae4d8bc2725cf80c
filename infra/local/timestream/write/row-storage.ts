import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBTimestampNanosecondsValue,
} from '@duckdb/node-api';
import { rowsOf, STORE, type StoredTable } from '../catalogue.ts';
import type { IncomingRecord, IncomingValue } from './incoming-record.ts';
import type { StoredMark } from './version-rule.ts';

/** The identity of a stored row. */
export interface RowKey {
  readonly series: bigint;
  readonly timeNs: bigint;
}

/** A row's identity as a map key. */
export function keyText(key: RowKey): string {
  return `${key.series}:${key.timeNs}`;
}

/** The stored rows among the keys, with version and digest. */
export async function readMarks(
  connection: DuckDBConnection,
  table: StoredTable,
  keys: readonly RowKey[],
): Promise<Map<string, StoredMark>> {
  const marks = new Map<string, StoredMark>();
  if (keys.length === 0) return marks;
  const result = await connection.runAndReadAll(
    `SELECT r._series, epoch_ns(r."time"), r._version, r._digest FROM ${STORE}.${rowsOf(table)} r ` +
      `JOIN (VALUES ${valuesOf(keys)}) k(s, t) ON r._series = k.s AND r."time" = k.t WHERE ${rangeOf(keys)}`,
  );
  for (const [series, timeNs, version, digest] of result.getRowsJS()) {
    if (
      typeof series === 'bigint' &&
      typeof timeNs === 'bigint' &&
      typeof version === 'bigint' &&
      typeof digest === 'bigint'
    ) {
      marks.set(keyText({ series, timeNs }), { version, digest });
    }
  }
  return marks;
}

/** The newest time of each series of a table. */
export async function readNewest(
  connection: DuckDBConnection,
  table: StoredTable,
): Promise<Map<bigint, bigint>> {
  const result = await connection.runAndReadAll(
    `SELECT _series, max(epoch_ns("time")) FROM ${STORE}.${rowsOf(table)} GROUP BY _series`,
  );
  const newest = new Map<bigint, bigint>();
  for (const [series, timeNs] of result.getRowsJS()) {
    if (typeof series === 'bigint' && typeof timeNs === 'bigint') newest.set(series, timeNs);
  }
  return newest;
}

/** Replaces and adds rows in the transaction that the caller has opened. */
export async function writeRows(
  connection: DuckDBConnection,
  table: StoredTable,
  replaced: readonly RowKey[],
  records: readonly IncomingRecord[],
): Promise<void> {
  if (replaced.length > 0) {
    await connection.run(
      `DELETE FROM ${STORE}.${rowsOf(table)} AS r USING (VALUES ${valuesOf(replaced)}) k(s, t) ` +
        `WHERE r._series = k.s AND r."time" = k.t AND ${rangeOf(replaced)}`,
    );
  }
  const names = await columnPositions(connection, table);
  const positions = new Map(names.map((name, position) => [name, position]));
  const slots = new Array<IncomingValue | undefined>(names.length);
  const appender = await connection.createAppender(rowsOf(table), STORE);
  for (const record of records) {
    slots.fill(undefined);
    for (const value of record.values) {
      const position = positions.get(value.column.name);
      if (position !== undefined) slots[position] = value;
    }
    appendRecord(appender, record, slots);
  }
  appender.closeSync();
}

/** Removes the rows older than `oldestNs`. */
export async function removeOlder(
  connection: DuckDBConnection,
  table: StoredTable,
  oldestNs: bigint,
): Promise<void> {
  await connection.run(
    `DELETE FROM ${STORE}.${rowsOf(table)} WHERE "time" < make_timestamp_ns(${oldestNs}::BIGINT)`,
  );
}

/** Physical columns in their order: they are added at the end, unlike the view's. */
async function columnPositions(connection: DuckDBConnection, table: StoredTable): Promise<readonly string[]> {
  const cached = positionsCache.get(table);
  if (cached !== undefined) return cached;
  const result = await connection.runAndReadAll(
    `SELECT column_name FROM duckdb_columns() WHERE schema_name = '${STORE}' ` +
      `AND table_name = '${rowsOf(table)}' ORDER BY column_index`,
  );
  const names = result.getRowsJS().map(([name]) => String(name));
  positionsCache.set(table, names);
  return names;
}

/** A table object of the catalogue never changes: a changed table is another object. */
const positionsCache = new WeakMap<StoredTable, readonly string[]>();

const FIXED = 5;

function appendRecord(
  appender: DuckDBAppender,
  record: IncomingRecord,
  slots: readonly (IncomingValue | undefined)[],
): void {
  appender.appendBigInt(record.series);
  appender.appendBigInt(record.version);
  appender.appendBigInt(record.digest);
  appender.appendVarchar(record.measureName);
  appender.appendTimestampNanoseconds(new DuckDBTimestampNanosecondsValue(record.timeNs));
  for (let index = FIXED; index < slots.length; index += 1) {
    const entry = slots[index];
    if (entry === undefined) appender.appendNull();
    else if (typeof entry.value === 'string') appender.appendVarchar(entry.value);
    else if (typeof entry.value === 'number') appender.appendDouble(entry.value);
    else if (typeof entry.value === 'boolean') appender.appendBoolean(entry.value);
    else if (entry.column.type === 'TIMESTAMP') {
      appender.appendTimestampNanoseconds(new DuckDBTimestampNanosecondsValue(entry.value));
    } else appender.appendBigInt(entry.value);
  }
  appender.endRow();
}

function valuesOf(keys: readonly RowKey[]): string {
  return keys.map((key) => `(${key.series}::BIGINT, make_timestamp_ns(${key.timeNs}::BIGINT))`).join(', ');
}

/** Lets DuckDB skip the row groups of other times. */
function rangeOf(keys: readonly RowKey[]): string {
  let lowest = keys[0]?.timeNs ?? 0n;
  let highest = lowest;
  for (const { timeNs } of keys) {
    if (timeNs < lowest) lowest = timeNs;
    if (timeNs > highest) highest = timeNs;
  }
  return `r."time" BETWEEN make_timestamp_ns(${lowest}::BIGINT) AND make_timestamp_ns(${highest}::BIGINT)`;
}
