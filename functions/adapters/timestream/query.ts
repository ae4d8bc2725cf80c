import {
  type ColumnInfo,
  type Datum,
  QueryCommand,
  type QueryCommandOutput,
  type TimestreamQueryClient,
  type Type,
} from '@aws-sdk/client-timestream-query';
import { CodedError } from '../../../shared/coded-error.ts';

/** A column of a result; `type` is the scalar type, or `ARRAY(DOUBLE)`, `TIMESERIES(DOUBLE)`, `ROW(…)`. */
export interface ResultColumn {
  readonly name: string;
  readonly type: string;
}

/** A result in plain values: see {@link runQuery}. */
export interface QueryResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Bounds of a query. */
export interface QueryOptions {
  /** Rows that are read at most; more fail with `QUERY_TOO_LARGE`. @default 1,000,000 */
  readonly maxRows?: number;
  readonly abortSignal?: AbortSignal;
}

/**
 * Runs a query to its last page. Values: BIGINT, INTEGER and DOUBLE are numbers, integers beyond 2^53 text;
 * a TIMESTAMP is `2024-08-08 23:55:00.000000000`; BOOLEAN is a boolean; a missing value is null; arrays are
 * arrays, rows arrays of their fields, time series arrays of `{ time, value }`.
 *
 * Fails as the SDK does, with `ValidationException` for SQL that Timestream refuses.
 */
export async function runQuery(
  client: Pick<TimestreamQueryClient, 'send'>,
  sql: string,
  options: QueryOptions = {},
): Promise<QueryResult> {
  const maxRows = options.maxRows ?? 1_000_000;
  const rows: unknown[][] = [];
  let columns: readonly ColumnInfo[] = [];
  let token: string | undefined;
  do {
    const page: QueryCommandOutput = await client.send(
      new QueryCommand({ QueryString: sql, ...(token === undefined ? {} : { NextToken: token }) }),
      options.abortSignal === undefined ? {} : { abortSignal: options.abortSignal },
    );
    columns = page.ColumnInfo ?? columns;
    for (const row of page.Rows ?? []) {
      rows.push((row.Data ?? []).map((datum, index) => plainValue(datum, columns[index]?.Type)));
    }
    if (rows.length > maxRows) {
      throw new CodedError(
        'QUERY_TOO_LARGE',
        `The query gives more than ${maxRows} rows. Narrow it or add LIMIT.`,
      );
    }
    token = page.NextToken;
  } while (token !== undefined);
  return {
    columns: columns.map((column, index) => ({
      name: column.Name ?? `_col${index}`,
      type: typeName(column.Type),
    })),
    rows,
  };
}

function plainValue(datum: Datum, type: Type | undefined): unknown {
  if (datum.TimeSeriesValue !== undefined) {
    const valueType = type?.TimeSeriesMeasureValueColumnInfo?.Type;
    return datum.TimeSeriesValue.map(({ Time, Value }) => ({
      time: Time,
      value: Value === undefined ? null : plainValue(Value, valueType),
    }));
  }
  if (datum.ArrayValue !== undefined) {
    return datum.ArrayValue.map((entry) => plainValue(entry, type?.ArrayColumnInfo?.Type));
  }
  if (datum.RowValue !== undefined) {
    const fields = type?.RowColumnInfo ?? [];
    return (datum.RowValue.Data ?? []).map((entry, index) => plainValue(entry, fields[index]?.Type));
  }
  return datum.ScalarValue === undefined ? null : scalarOf(datum.ScalarValue, type?.ScalarType);
}

function scalarOf(text: string, type: string | undefined): unknown {
  switch (type) {
    case 'DOUBLE': {
      const value = Number(text);
      return Number.isFinite(value) ? value : text;
    }
    case 'BIGINT':
    case 'INTEGER': {
      const value = Number(text);
      return Number.isSafeInteger(value) ? value : text;
    }
    case 'BOOLEAN':
      return text === 'true';
    default:
      return text;
  }
}

function typeName(type: Type | undefined): string {
  if (type?.ScalarType !== undefined) return type.ScalarType;
  if (type?.ArrayColumnInfo !== undefined) return `ARRAY(${typeName(type.ArrayColumnInfo.Type)})`;
  if (type?.TimeSeriesMeasureValueColumnInfo !== undefined) {
    return `TIMESERIES(${typeName(type.TimeSeriesMeasureValueColumnInfo.Type)})`;
  }
  if (type?.RowColumnInfo !== undefined) {
    return `ROW(${type.RowColumnInfo.map((field) => typeName(field.Type)).join(', ')})`;
  }
  return 'UNKNOWN';
}
