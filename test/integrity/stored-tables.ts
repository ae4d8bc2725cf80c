import { TABLE_SPECS, type TableName } from '../../shared/tables.ts';
import { type JsonRow, queryCommand } from './run-command.ts';

/** Every row of every table of a folder, each table in one order whatever the rows' way there. */
export type StoredTables = Readonly<Record<TableName, readonly string[]>>;

/** Columns of `candles` that tell how a row came about; all others are market columns (DESIGN section 5). */
const PROVENANCE: ReadonlySet<string> = new Set(['coverage', 'final', 'revision', 'reason', 'audit']);

/** Reads all tables by the query command. */
export async function storedTables(dir: string): Promise<StoredTables> {
  const tables: Partial<Record<TableName, readonly string[]>> = {};
  for (const { name } of TABLE_SPECS) {
    const rows = await queryCommand(dir, `SELECT * FROM "market"."${name}"`);
    tables[name] = rows.map(textOf).sort();
  }
  return { candles: [], spreads: [], signals: [], trades: [], quotes: [], dead_letters: [], ...tables };
}

/** The market columns of candles and spreads alone, from {@link storedTables}. */
export function marketColumns(tables: StoredTables): readonly string[] {
  return [...tables.candles, ...tables.spreads].map((text) => {
    const row = JSON.parse(text) as [string, unknown][];
    return JSON.stringify(row.filter(([name]) => !PROVENANCE.has(name)));
  });
}

/** A row as text whatever the order of its columns; a column without a value is no column. */
function textOf(row: JsonRow): string {
  const columns = Object.entries(row).filter(([, value]) => value !== null);
  return JSON.stringify(columns.sort(([a], [b]) => (a < b ? -1 : 1)));
}
