import type { Column, Row } from '../../shared/row.ts';

/** A candle as the store holds it: its plain values by column; a missing one is null or left out. */
export interface StoredCandle {
  readonly resolution: string;
  /** The window's start, in nanoseconds since 1970. */
  readonly timeNs: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Columns that do not make two candles differ: a rebuild writes its own reason. */
const IGNORED: ReadonlySet<string> = new Set(['reason']);

/** The rows that the store lacks or holds with other values. */
export function differingRows(rows: readonly Row[], stored: readonly StoredCandle[]): readonly Row[] {
  const known = new Map(stored.map((candle) => [`${candle.resolution}@${candle.timeNs}`, candle.values]));
  return rows.filter((row) => {
    const resolution = row.dimensions.find(([name]) => name === 'resolution')?.[1] ?? '';
    const values = known.get(`${resolution}@${row.timeNs}`);
    return values === undefined || !sameValues(row.columns, values);
  });
}

/** The row with the reason `rebuild`. */
export function rebuiltRow(row: Row): Row {
  const columns = row.columns.filter(({ name }) => name !== 'reason');
  return { ...row, columns: [...columns, { name: 'reason', type: 'VARCHAR', value: 'rebuild' }] };
}

function sameValues(columns: readonly Column[], values: Readonly<Record<string, unknown>>): boolean {
  const mine = new Map(columns.map((column) => [column.name, column]));
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && !mine.has(name) && !IGNORED.has(name)) return false;
  }
  return columns.every((column) => IGNORED.has(column.name) || sameValue(column, values[column.name]));
}

function sameValue(column: Column, value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return column.type === 'DOUBLE' || column.type === 'BIGINT'
    ? Number(column.value) === Number(value)
    : column.value === String(value);
}
