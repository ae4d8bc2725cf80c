import type { EventLevel, RunEvent } from '../run/run-event.ts';
import { alarmLines } from './alarm-lines.ts';
import { dateTime, elapsed, progressBar, whole } from './figures.ts';
import type { MonitorView, ProgressView } from './monitor-view.ts';
import { renderHealth, renderPlaces } from './render-health.ts';
import { renderTable } from './render-table.ts';
import { clipLine, fitText, type Line, lineWidth, type Span, span, type Tone } from './span.ts';

/** The cells of a terminal. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** The fewest lines that the table is given where there are more symbols than lines. */
const TABLE_LEAST = 4;
const EVENTS_MOST = 6;

/**
 * The whole screen: the feed, the table of symbols, the pipeline's health, and what happened last; never more lines
 * or cells than the terminal has. Pure.
 */
export function renderMonitor(view: MonitorView, size: ScreenSize): readonly Line[] {
  const width = Math.max(20, size.columns);
  const height = Math.max(4, size.rows);
  const head = [
    ...heading(view, width),
    ...(view.feed.note === null ? [] : wrap(view.feed.note, width).map((text) => [span(text, 'warn')])),
    ...(view.phase === 'running' ? alarmLines(view.alarms, view.nowUs) : []),
    ...(view.progress === null ? [] : [progressLine(view.progress, width)]),
    [],
  ];
  const health = renderHealth(view, width);
  const places = renderPlaces(view);
  const footer: Line = [span(footerText(view, width), 'dim')];
  const wanted = view.symbols.length + 1;
  const fixed = head.length + health.length + 3;
  // First the table and the health; then where things are; then what happened.
  let left = height - fixed - Math.min(wanted, Math.max(TABLE_LEAST, height - fixed));
  const showPlaces = left >= places.length;
  if (showPlaces) left -= places.length;
  const shownEvents = view.events.slice(-Math.max(0, Math.min(EVENTS_MOST, left - 1)));
  const events: readonly Line[] =
    left < 2 || shownEvents.length === 0 ? [] : [[], ...shownEvents.map(eventLineOf)];
  const tableRoom = height - fixed - (showPlaces ? places.length : 0) - events.length;
  const lines: readonly Line[] = [
    ...head,
    ...renderTable(view.symbols, width, Math.max(2, Math.min(wanted, tableRoom))),
    [],
    ...health,
    ...(showPlaces ? places : []),
    ...events,
    [],
    footer,
  ];
  return lines.slice(0, height).map((line) => clipLine(line, width));
}

const KINDS = { live: 'LIVE', simulated: 'SIMULATED', replay: 'REPLAY' } as const;

function heading(view: MonitorView, width: number): readonly Line[] {
  const [state, tone] = stateOf(view);
  const left: Span[] = [
    span(KINDS[view.feed.kind], 'accent'),
    span('  '),
    span(view.feed.description, 'strong'),
  ];
  const right: Span[] = [span(`up ${elapsed(view.upMs)}  `, 'dim'), span(`● ${state}`, tone)];
  const room = width - lineWidth(right) - 2;
  const shown = clipLine(left, room);
  const line = [
    ...shown,
    span(' '.repeat(Math.max(2, width - lineWidth(shown) - lineWidth(right)))),
    ...right,
  ];
  const reasons = view.phase !== 'running' ? [] : (view.ingest?.reasons ?? []);
  const warned = [...reasons.slice(0, 2), ...view.warnings.slice(0, 3)];
  return [line, ...warned.map((reason): Line => [span(reason, 'warn')])];
}

function stateOf(view: MonitorView): readonly [string, Tone] {
  if (view.phase !== 'running') return [view.phase, view.phase === 'finished' ? 'good' : 'warn'];
  if (view.ingest === null) return ['starting', 'warn'];
  if (view.ingest.status === 'failed') return ['failed', 'bad'];
  if (view.ingest.status === 'degraded') return ['degraded', 'warn'];
  return view.feed.kind === 'replay' ? ['replaying', 'good'] : ['healthy', 'good'];
}

function progressLine(progress: ProgressView, width: number): Line {
  const { frames, totalFrames, timeUs, speed } = progress;
  const share = totalFrames === 0 ? 1 : Math.min(1, frames / totalFrames);
  const text = ` ${String(Math.floor(share * 100)).padStart(3)} %  ${whole(frames)} of ${whole(totalFrames)} frames`;
  const more = `  ${dateTime(timeUs)}  ${speed === 'max' ? 'full speed' : `${speed} × real time`}`;
  const bar = Math.max(10, Math.min(40, width - text.length - more.length));
  return [span(progressBar(share, bar), 'accent'), span(text), span(more, 'dim')];
}

const LEVELS: Readonly<Record<EventLevel, Tone>> = {
  debug: 'dim',
  info: 'dim',
  warning: 'warn',
  error: 'bad',
};

function eventLineOf({ timeUs, level, message }: RunEvent): Line {
  return [span(`${dateTime(timeUs).slice(11)}  `, 'dim'), span(message, LEVELS[level])];
}

function footerText(view: MonitorView, width: number): string {
  if (view.phase === 'stopping') return 'Draining; Ctrl-C again ends at once.';
  const long =
    'Ctrl-C ends it.  In another terminal: npm run status, npm run logs -- -f, npm run query -- "SQL"';
  return width >= long.length
    ? long
    : fitText('Ctrl-C ends it.  Elsewhere: npm run status | logs | query', width).trimEnd();
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
