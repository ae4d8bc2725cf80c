import type { IngestReport } from '../../../functions/ingest/ingest-report.ts';
import type { Severity } from '../../../shared/events/signal.ts';
import type { Micros } from '../../../shared/units.ts';
import type { StateChange } from '../cloudwatch/alarm-message.ts';

/** How much an event matters; `debug` goes to `monitor.log` alone. */
export type EventLevel = 'debug' | 'info' | 'warning' | 'error';

/** Something that happened in a run, for the screen, `monitor.log` and the lines of a run without a terminal. */
export interface RunEvent {
  readonly timeUs: Micros;
  readonly level: EventLevel;
  /** Stable, such as `gap` or `socket-open`. */
  readonly event: string;
  /** One sentence for a person. */
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** An event as one line of JSON. */
export function eventLine({ timeUs, level, event, message, data }: RunEvent): string {
  const said = { time: new Date(timeUs / 1_000).toISOString(), level, event, message };
  // Whatever the data are called, they come after these four and replace none of them.
  return JSON.stringify({ ...said, ...data, ...said });
}

/** A change of an alarm's state, in words; undefined where it tells nothing new, as an alarm's first judgement. */
export function alarmEvent(change: StateChange): RunEvent | undefined {
  const { alarm, from, to, reason, timeMs } = change;
  if (to !== 'ALARM' && from !== 'ALARM') return undefined;
  const { name, family, title, severity } = alarm;
  const what = name === family ? title : `${title}: ${name.slice(family.length + 1)}`;
  return {
    timeUs: Math.floor(timeMs * 1_000),
    level: to === 'ALARM' ? LEVEL_OF[severity] : 'info',
    event: 'alarm',
    message: to === 'ALARM' ? `${what}. See ${alarm.runbook}.` : `Over: ${what}.`,
    data: { alarm: name, state: to, severity, reason },
  };
}

const LEVEL_OF: Readonly<Record<Severity, EventLevel>> = {
  critical: 'error',
  warning: 'warning',
  info: 'info',
};

/** What ingest reports, in words. */
export function reportEvent(report: IngestReport, timeUs: Micros): RunEvent {
  const { kind, ...data } = report;
  const told = (level: EventLevel, message: string): RunEvent => ({
    timeUs,
    level,
    event: kind,
    message,
    data: 'error' in data ? {} : data,
  });
  switch (report.kind) {
    case 'socket-open':
      return told('info', `Socket ${report.connection} is open with ${report.streams} streams.`);
    case 'socket-closed':
      return report.retryMs === null
        ? told('info', `Socket ${report.connection} ended; another has its place, or the run ends.`)
        : told(
            'warning',
            `Socket ${report.connection} was lost: ${report.why} Next attempt in ${(report.retryMs / 1_000).toFixed(1)} s.`,
          );
    case 'gap': {
      const { from, to, state } = report.change;
      const isOne = from === to;
      const ids = isOne ? `trade ${from}` : `trades ${from} to ${to}`;
      if (state === 'open')
        return told(
          'warning',
          `${report.symbol}: ${ids} ${isOne ? 'is missing; it is' : 'are missing; they are'} asked for.`,
        );
      if (state === 'filled')
        return told(
          'info',
          `${report.symbol}: ${ids} ${isOne ? 'was missing and is' : 'were missing and are'} filled.`,
        );
      return told('error', `${report.symbol}: ${ids} will not come; their windows stay marked.`);
    }
    case 'id-doubted':
      return told(
        'warning',
        `${report.symbol}: trade ${report.id} is too far above the last one to be believed alone.`,
      );
    case 'ids-reset':
      return told('warning', `${report.symbol}: the exchange began a new space of trade ids.`);
    case 'repair-later':
      return told(
        'warning',
        `${report.symbol}: missing trades come in ${(report.afterMs / 1_000).toFixed(1)} s: ${report.why}`,
      );
    case 'repair-gone':
      return told('error', `${report.symbol}: missing trades cannot be had: ${report.why}`);
    case 'pressure':
      return report.full
        ? told('warning', `The queue of ${report.feed} is full: its sockets wait for the log.`)
        : told('info', `The queue of ${report.feed} has room again.`);
    case 'repair-fallback':
      return told('warning', report.message);
    case 'symbol':
      return told('warning', report.message);
    case 'start':
      return told('info', `${report.symbol} ${report.message}.`);
    case 'audit':
      return told('debug', `${report.symbol}: kline of ${minute(report.openTimeMs)}: ${report.outcome}.`);
    case 'ledger-failed':
      return told('error', `The ledger could not be kept: ${errorText(report.error)}`);
    case 'log-failed':
      return told('error', `The log refuses records: ${errorText(report.error)}`);
  }
}

/** An error of a function or of the log. */
export function errorEvent(source: string, error: unknown, timeUs: Micros): RunEvent {
  return {
    timeUs,
    level: 'error',
    event: 'error',
    message: `${source}: ${errorText(error)}`,
    data: { source },
  };
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function minute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
