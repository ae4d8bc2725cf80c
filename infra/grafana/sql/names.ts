import { COLUMNS, type ColumnName } from '../../../shared/columns.ts';
import { TABLE_SPECS, type TableName } from '../../../shared/tables.ts';

/** Names that mean something else in SQL when they stand without quotes. */
const RESERVED: ReadonlySet<string> = new Set(['offset', 'partition', 'key', 'value']);

/**
 * A table's columns for use in SQL text: a name that the table does not have does not compile.
 *
 * @example
 * const c = columnsOf('candles');
 * const sql = `SELECT ${c.time}, ${c.close} FROM $__database.$__table`;
 */
export function columnsOf<T extends TableName>(table: T): Readonly<Record<ColumnName<T>, string>> {
  return named(table, (name) => (RESERVED.has(name) ? `"${name}"` : name));
}

/** The same as the fields of a result are called. */
export function plainColumnsOf<T extends TableName>(table: T): Readonly<Record<ColumnName<T>, string>> {
  return named(table, (name) => name);
}

function named<T extends TableName>(
  table: T,
  spell: (name: string) => string,
): Readonly<Record<ColumnName<T>, string>> {
  const { dimensions, measures } = COLUMNS[table];
  const names = ['time', 'measure_name', ...dimensions, ...Object.keys(measures)];
  return Object.fromEntries(names.map((name) => [name, spell(name)])) as Readonly<
    Record<ColumnName<T>, string>
  >;
}

/** A table of the query's own database: for those that read more than one. */
export function tableOf(table: TableName): string {
  return `$__database."${table}"`;
}

/** What every read of a table filters first: the store keeps kinds and times apart. */
export function rowsInRange(table: TableName): string {
  return `measure_name = '${measureOf(table)}' AND $__timeFilter`;
}

function measureOf(table: TableName): string {
  return TABLE_SPECS.find(({ name }) => name === table)?.measureName ?? table;
}
