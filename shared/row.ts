import type { TableName } from './tables.ts';

/** The type of a column; a missing column is simply not in the row. */
export type ColumnType = 'DOUBLE' | 'BIGINT' | 'BOOLEAN' | 'VARCHAR';

/** One measure of a row, its value in the store's text form. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly value: string;
}

/**
 * A row of the store. Its identity is table, dimensions and time; a higher `version` replaces a lower one,
 * and the same version always carries the same values.
 */
export interface Row {
  readonly table: TableName;
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  /** Nanoseconds since 1970, as text: beyond the reach of a number. */
  readonly timeNs: string;
  /** An integer below 2^63, as text. */
  readonly version: string;
  readonly columns: readonly Column[];
}

/** The reason of a refused row whose version stands in the store with other values: a broken invariant. */
export const VERSION_CONFLICT = 'VERSION_CONFLICT';

/** What became of rows handed to the store. */
export interface WriteOutcome {
  readonly written: number;
  /** Already there in this or a newer version. */
  readonly superseded: number;
  /** The store refused them and will again: each with what it said. */
  readonly refused: readonly { readonly row: Row; readonly reason: string }[];
}

/** The store that rows go to: Timestream, or another with the same promise. */
export interface RowWriter {
  /** Safe to repeat. Throws only where the store cannot be reached or keeps failing. */
  write(rows: readonly Row[]): Promise<WriteOutcome>;
}
