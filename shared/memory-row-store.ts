import { type Column, type Row, type RowWriter, VERSION_CONFLICT, type WriteOutcome } from './row.ts';
import type { TableName } from './tables.ts';

/**
 * Rows kept in memory by the store's own rules of identity and version: for tests, the simulator and
 * measurements.
 */
export class MemoryRowStore implements RowWriter {
  readonly #rows = new Map<string, Row>();

  async write(rows: readonly Row[]): Promise<WriteOutcome> {
    let written = 0;
    let superseded = 0;
    const refused: { row: Row; reason: string }[] = [];
    for (const row of rows) {
      const key = identity(row);
      const known = this.#rows.get(key);
      const order = known === undefined ? 1 : compareVersions(row.version, known.version);
      if (known === undefined || order > 0) {
        this.#rows.set(key, row);
        written += 1;
      } else if (order < 0) {
        superseded += 1;
      } else if (sameColumns(row.columns, known.columns)) {
        written += 1;
      } else {
        refused.push({ row, reason: VERSION_CONFLICT });
      }
    }
    return { written, superseded, refused };
  }

  /** The rows of a table, ordered by time and dimensions. */
  table(table: TableName): readonly Row[] {
    const prefix = `${table}|`;
    const found = [...this.#rows].filter(([key]) => key.startsWith(prefix));
    return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }
}

function identity(row: Row): string {
  const dimensions = row.dimensions.map(([name, value]) => `${name}=${value}`).join(',');
  return `${row.table}|${row.timeNs}|${dimensions}`;
}

function compareVersions(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

function sameColumns(a: readonly Column[], b: readonly Column[]): boolean {
  const text = (columns: readonly Column[]): string =>
    JSON.stringify([...columns].sort((x, y) => (x.name < y.name ? -1 : 1)));
  return text(a) === text(b);
}
