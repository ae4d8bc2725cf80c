import type { _Record, Dimension } from '@aws-sdk/client-timestream-write';
import type { Row } from '../../../shared/row.ts';
import { TABLE_SPECS, type TableName } from '../../../shared/tables.ts';
import { exactInteger } from './exact-integer.ts';

/** What one WriteRecords call takes, and the rows that its records stand for, by index. */
export interface RecordBatch {
  readonly table: TableName;
  readonly common: _Record;
  readonly records: readonly _Record[];
  readonly rows: readonly Row[];
}

/** Records that one call takes at most. */
const RECORDS_MOST = 100;

/** Rows cut into calls. */
export interface RecordBatches {
  readonly batches: readonly RecordBatch[];
  /** Rows that a newer or equal one among the given ones replaces. */
  readonly superseded: number;
  /** Rows that have identity and version of another one and other values: a broken invariant. */
  readonly conflicting: readonly Row[];
}

/**
 * Cuts rows into calls: by table, 100 records each. What all records of a call have in common stands once.
 * Of rows with the same identity only that of the highest version is sent.
 */
export function recordBatches(rows: readonly Row[]): RecordBatches {
  const newest = new Map<string, Row>();
  const conflicting: Row[] = [];
  for (const row of rows) {
    const key = identityOf(row);
    const known = newest.get(key);
    if (known === undefined || BigInt(row.version) > BigInt(known.version)) newest.set(key, row);
    else if (row.version === known.version && !sameValues(row, known)) conflicting.push(row);
  }
  const batches: RecordBatch[] = [];
  for (const [table, ofTable] of Map.groupBy(newest.values(), (row) => row.table)) {
    for (let from = 0; from < ofTable.length; from += RECORDS_MOST) {
      batches.push(batchOf(table, ofTable.slice(from, from + RECORDS_MOST)));
    }
  }
  return { batches, superseded: rows.length - newest.size - conflicting.length, conflicting };
}

function sameValues(left: Row, right: Row): boolean {
  return JSON.stringify(left.columns) === JSON.stringify(right.columns);
}

function identityOf(row: Row): string {
  const dimensions = row.dimensions.map(([name, value]) => `${name}\u0000${value}`).sort();
  return `${row.table}\u0001${row.timeNs}\u0001${dimensions.join('\u0001')}`;
}

function batchOf(table: TableName, rows: readonly Row[]): RecordBatch {
  const [first] = rows;
  const shared = (first?.dimensions ?? []).filter(([name, value]) =>
    rows.every((row) => row.dimensions.some(([other, its]) => other === name && its === value)),
  );
  const sharedNames = new Set(shared.map(([name]) => name));
  const version = rows.every((row) => row.version === first?.version) ? first?.version : undefined;
  const measureName = TABLE_SPECS.find((spec) => spec.name === table)?.measureName ?? table;
  return {
    table,
    rows,
    common: {
      MeasureName: measureName,
      MeasureValueType: 'MULTI',
      TimeUnit: 'NANOSECONDS',
      ...(shared.length === 0 ? {} : { Dimensions: shared.map(dimensionOf) }),
      ...(version === undefined ? {} : { Version: exactInteger(version) }),
    },
    records: rows.map((row) => ({
      Dimensions: row.dimensions.filter(([name]) => !sharedNames.has(name)).map(dimensionOf),
      Time: row.timeNs,
      MeasureValues: row.columns.map(({ name, type, value }) => ({ Name: name, Type: type, Value: value })),
      ...(version === undefined ? { Version: exactInteger(row.version) } : {}),
    })),
  };
}

function dimensionOf([name, value]: readonly [string, string]): Dimension {
  return { Name: name, Value: value };
}
