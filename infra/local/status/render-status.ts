import type { Micros } from '../../../shared/units.ts';
import { duration, elapsed, perSecond, short, whole } from '../terminal/figures.ts';
import { fitText, type Line, span, type Tone } from '../terminal/span.ts';
import type { RunStatus, StoredMinute } from './run-status.ts';

const LABEL_WIDTH = 13;

/** The status of a data folder for eyes. Pure. */
export function renderStatus(status: RunStatus, nowUs: Micros): readonly Line[] {
  if (status.kind === 'stopped') {
    const heard = status.lastHeard === null ? '' : ` Its last run was last heard of at ${status.lastHeard}.`;
    return [[span(`Nothing runs on ${status.dir}.${heard} Start it with npm start.`)]];
  }
  const { instance, health, told } = status;
  const [word, tone]: readonly [string, Tone] =
    instance.healthUrl === null
      ? instance.phase === 'starting'
        ? ['starting', 'warn']
        : ['running', 'good']
      : health === null
        ? ['its health endpoint does not answer', 'bad']
        : health.status === 'ok'
          ? ['healthy', 'good']
          : [health.status, 'warn'];
  const sockets = health?.sockets ?? [];
  const open = sockets.filter((socket) => socket.open).length;
  const reconnects = sockets.reduce((sum, socket) => sum + socket.reconnects, 0);
  const startedUs = instance.startedAt === null ? undefined : Date.parse(instance.startedAt) * 1_000;
  const up = startedUs === undefined ? '' : `, up ${elapsed((nowUs - startedUs) / 1_000)}`;
  return [
    [span(`${instance.feed ?? 'a monitor'}: `, 'strong'), span(word, tone)],
    ...(health?.reasons ?? []).map((reason): Line => [span(`  ${reason}`, 'warn')]),
    fact('process', `${instance.pid ?? 'unknown'}${up}`),
    ...(health === null
      ? []
      : [fact('sockets', `${open} of ${sockets.length} open, ${whole(reconnects)} reconnects`)]),
    ...(told === null ? [] : toldLines(told, nowUs)),
    fact('data folder', status.dir),
    fact('store', instance.timestreamEndpoint),
    ...(instance.healthUrl === null ? [] : [fact('health', instance.healthUrl)]),
    ...minuteTable(status.minutes),
  ];
}

/** What the run last wrote of itself; it does so every ten seconds. */
function toldLines(told: Readonly<Record<string, unknown>>, nowUs: Micros): readonly Line[] {
  const figure = (name: string): number => (typeof told[name] === 'number' ? told[name] : 0);
  const ageMs = nowUs / 1_000 - Date.parse(String(told.time));
  const letters = typeof told.dead_letters === 'object' ? Object.entries(told.dead_letters ?? {}) : [];
  const progress = typeof told.progress === 'object' && told.progress !== null ? told.progress : undefined;
  return [
    ...(progress !== undefined && 'frames' in progress && 'total_frames' in progress
      ? [
          fact(
            'replayed',
            `${whole(Number(progress.frames))} of ${whole(Number(progress.total_frames))} frames`,
          ),
        ]
      : []),
    fact('frames', `${perSecond(figure('frames_per_s'))}/s, ${whole(figure('frames'))} in all`),
    fact(
      'rows',
      `${perSecond(figure('rows_per_s'))}/s, ${whole(figure('rows_written'))} written, lag ${whole(figure('lag_records'))} records`,
    ),
    fact('gaps', `${whole(figure('open_gaps'))} open`),
    fact(
      'dead letters',
      letters.length === 0 ? 'none' : letters.map(([reason, count]) => `${reason} ${count}`).join(', '),
    ),
    fact('told', `${duration(Math.max(0, ageMs))} ago`),
  ];
}

function fact(label: string, value: string): Line {
  return [span(fitText(label, LABEL_WIDTH), 'dim'), span(value)];
}

function minuteTable(minutes: readonly StoredMinute[]): readonly Line[] {
  if (minutes.length === 0) return [];
  const titles = ['SYMBOL', 'MINUTE (UTC)', 'CLOSE', 'VWAP', 'VOLUME', 'COVERAGE'];
  const rows = minutes.map(({ symbol, time, close, vwap, volume, coverage }) => [
    symbol,
    time.slice(0, 16),
    String(close),
    String(Number(vwap.toPrecision(8))),
    short(volume),
    coverage,
  ]);
  const widths = titles.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => fitText(cell, widths[at] ?? 0, at >= 2 && at <= 4 ? 'right' : 'left'))
      .join('  ')
      .trimEnd();
  return [[], [span(line(titles), 'dim')], ...rows.map((row): Line => [span(line(row))])];
}
