import type { QueryResult } from '../../../functions/adapters/timestream/query.ts';
import { TABLES } from '../../../shared/tables.ts';

const WIDTHS = { symbol: 10, kind: 15, severity: 8 } as const;

/**
 * The signals that a folder's store holds, one line each in the order of their times: time, symbol, kind, severity,
 * value against threshold, what opened it, and whether it is still open.
 */
export async function signalLines(
  run: (sql: string) => Promise<QueryResult>,
  database: string,
): Promise<readonly string[]> {
  // No column is named: in a table that no signal has been written to there is none but `time`.
  const { columns, rows } = await run(`SELECT * FROM "${database}"."${TABLES.signals}" ORDER BY time`);
  const signals = rows.map((row) => new Map(columns.map(({ name }, at) => [name, String(row[at])])));
  const order = (signal: ReadonlyMap<string, string>): string =>
    ['time', 'symbol', 'kind'].map((name) => signal.get(name)).join(' ');
  return signals.sort((a, b) => (order(a) < order(b) ? -1 : 1)).map(lineOf);
}

function lineOf(signal: ReadonlyMap<string, string>): string {
  const text = (name: string): string => signal.get(name) ?? '';
  const what = (['symbol', 'kind', 'severity'] as const)
    .map((name) => text(name).padEnd(WIDTHS[name]))
    .join(' ');
  const figures = `${figure(text('value'))} over ${figure(text('threshold'))}`;
  const ended = text('kind') === 'whale' ? '' : `, ${text('state')}`;
  // A row time holds the id below the millisecond.
  return `signal ${text('time').slice(0, 23)} ${what} ${figures}, opened by ${text('opened_by')}${ended}`;
}

function figure(text: string): string {
  return String(Number(Number(text).toPrecision(7)));
}
