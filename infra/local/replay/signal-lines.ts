import { TABLES } from '../../../shared/tables.ts';
import type { RunSql } from './replay-summary.ts';

const WIDTHS = { symbol: 10, kind: 15, severity: 8 } as const;

/**
 * The signals that a folder's store holds, one line each in the order of their times: time, symbol, kind, severity,
 * value against threshold, what opened it, and whether it is still open.
 */
export async function signalLines(run: RunSql, database: string): Promise<readonly string[]> {
  const rows = await run(
    `SELECT time, symbol, kind, severity, value, threshold, opened_by, state FROM "${database}"."${TABLES.signals}" ` +
      'ORDER BY time, symbol, kind',
  );
  return rows.map((row) => {
    const [time, symbol, kind, severity, value, threshold, openedBy, state] = row.map(String);
    const what = [
      (symbol ?? '').padEnd(WIDTHS.symbol),
      (kind ?? '').padEnd(WIDTHS.kind),
      (severity ?? '').padEnd(WIDTHS.severity),
    ].join(' ');
    // A row time holds the id below the millisecond.
    const ended = kind === 'whale' ? '' : `, ${state}`;
    return `signal ${(time ?? '').slice(0, 23)} ${what} ${figure(value)} over ${figure(threshold)}, opened by ${openedBy}${ended}`;
  });
}

function figure(text: string | undefined): string {
  return String(Number(Number(text).toPrecision(7)));
}
