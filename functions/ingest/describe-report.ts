import type { IngestReport } from './ingest-report.ts';

/** A line for the log of the process. */
export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

/** What happened, as a line that a person can read. Pure. */
export function describeReport(report: IngestReport): LogLine {
  switch (report.kind) {
    case 'socket-open':
      return info(`Socket ${report.connection} is open with ${report.streams} streams.`);
    case 'socket-closed':
      return report.retryMs === null
        ? info(`Socket ${report.connection} is closed: ${report.why}`)
        : warn(
            `Socket ${report.connection}: ${report.why} Tried again in ${(report.retryMs / 1_000).toFixed(1)} s.`,
          );
    case 'gap': {
      const { from, to, state } = report.change;
      const ids = from === to ? `trade ${from}` : `trades ${from} to ${to}`;
      const line = `${report.symbol} ${ids}: ${GAP_WORDS[state]}.`;
      return state === 'filled' ? info(line) : warn(line);
    }
    case 'ids-reset':
      return warn(`${report.symbol}: the exchange counts its trades anew; a new id space begins.`);
    case 'id-doubted':
      return warn(
        `${report.symbol}: trade ${report.id} is too far above the last one. It is in the log, and counts as seen once another near it comes.`,
      );
    case 'repair-later':
      return warn(`${report.symbol}: repair waits ${(report.afterMs / 1_000).toFixed(1)} s: ${report.why}`);
    case 'repair-gone':
      return warn(`${report.symbol}: missing trades cannot be had: ${report.why}`);
    case 'repair-fallback':
    case 'symbol':
      return warn(report.message);
    case 'start':
      return info(`${report.symbol} ${report.message}.`);
    case 'audit':
      return info(
        `${report.symbol} kline of ${new Date(report.openTimeMs).toISOString()}: ${report.outcome}.`,
      );
    case 'pressure':
      return report.full
        ? warn(`The log is slow: the sockets of ${report.feed} are paused.`)
        : info(`The log has room again: the sockets of ${report.feed} go on.`);
    case 'ledger-failed':
      return warn(`The ledger could not be kept: ${said(report.error)}`);
    case 'log-failed':
      return { level: 'error', message: `The log refuses records: ${said(report.error)}` };
  }
}

const GAP_WORDS = {
  open: 'missing, being fetched',
  filled: 'filled',
  unfillable: 'missing for good',
} as const;

function info(message: string): LogLine {
  return { level: 'info', message };
}

function warn(message: string): LogLine {
  return { level: 'warn', message };
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
