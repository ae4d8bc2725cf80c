import { duration, perSecond, whole } from './figures.ts';
import type { MonitorView } from './monitor-view.ts';
import { fitText, type Line, type Span, span, type Tone } from './span.ts';

/** A figure of the health block: its label and what it says. */
interface HealthCell {
  readonly label: string;
  readonly spans: readonly Span[];
}

const LABEL_WIDTH = 13;
const CELL_WIDTH = 39;

/** The pipeline's health, as many figures beside each other as the width takes. */
export function renderHealth(view: MonitorView, width: number): readonly Line[] {
  const cells = healthCells(view);
  const across = Math.max(1, Math.min(3, Math.floor((width + 1) / (CELL_WIDTH + 1))));
  const cellWidth = Math.floor(width / across);
  const down = Math.ceil(cells.length / across);
  const lines: Line[] = [];
  for (let row = 0; row < down; row += 1) {
    const line: Span[] = [];
    for (let column = 0; column < across; column += 1) {
      const cell = cells[column * down + row];
      if (cell !== undefined) line.push(...fitCell(cell, cellWidth));
    }
    lines.push(line);
  }
  return lines;
}

/** Where the run keeps its data and where it can be asked: one line each. */
export function renderPlaces(view: MonitorView): readonly Line[] {
  const place = (label: string, value: string | null): readonly Line[] =>
    value === null ? [] : [[span(fitText(label, LABEL_WIDTH), 'dim'), span(value)]];
  return [
    ...place('data folder', view.dataDir),
    ...place('store', view.storeEndpoint),
    ...place('health', view.healthUrl),
  ];
}

function healthCells(view: MonitorView): readonly HealthCell[] {
  const { ingest, counts, lagRecords } = view;
  const sockets = ingest?.sockets ?? [];
  const open = sockets.filter((socket) => socket.open).length;
  const reconnects = sockets.reduce((sum, socket) => sum + socket.reconnects, 0);
  const openGaps = ingest?.symbols.reduce((sum, symbol) => sum + symbol.open_gaps, 0) ?? 0;
  const letters = Object.values(counts.deadLetters).reduce((sum, count) => sum + count, 0);
  const queued = (ingest?.queued.trades ?? 0) + (ingest?.queued.quotes ?? 0);
  return [
    cell('sockets', figure(`${open} of ${sockets.length} open`, open === sockets.length ? 'plain' : 'bad')),
    cell('reconnects', figure(whole(reconnects), reconnects > 0 ? 'warn' : 'plain')),
    cell(
      'frames',
      span(`${perSecond(counts.framesPerSecond)}/s`),
      span(`, ${whole(ingest?.frames ?? 0)} in all`, 'dim'),
    ),
    cell(
      'rows',
      span(`${perSecond(counts.rowsPerSecond)}/s`),
      span(`, ${whole(counts.rowsWritten)} written`, 'dim'),
    ),
    cell(
      'lag',
      lagRecords === null
        ? span('–', 'dim')
        : figure(`${whole(lagRecords)} records`, lagRecords > 50_000 ? 'warn' : 'plain'),
      span(queued > 0 ? `, ${whole(queued)} queued` : '', 'dim'),
    ),
    cell(
      'store delay',
      counts.storeDelayMs === null ? span('–', 'dim') : span(duration(counts.storeDelayMs)),
    ),
    cell(
      'gaps',
      figure(openGaps === 0 ? 'none open' : `${whole(openGaps)} open`, openGaps === 0 ? 'plain' : 'bad'),
      span(gapsSoFar(view), 'dim'),
    ),
    cell('repaired', span(`${whole(ingest?.backfilled ?? 0)} records`)),
    cell(
      'dead letters',
      figure(letters === 0 ? 'none' : whole(letters), letters === 0 ? 'plain' : 'warn'),
      span(letters === 0 ? '' : ` (${Object.keys(counts.deadLetters).join(', ')})`, 'dim'),
    ),
    ...(counts.errors > 0 ? [cell('errors', figure(whole(counts.errors), 'bad'))] : []),
  ];
}

function gapsSoFar({ counts: { gaps } }: MonitorView): string {
  const parts = [
    ...(gaps.filled > 0 ? [`${whole(gaps.filled)} filled`] : []),
    ...(gaps.unfillable > 0 ? [`${whole(gaps.unfillable)} unfillable`] : []),
  ];
  return parts.map((part) => `, ${part}`).join('');
}

function cell(label: string, ...spans: readonly Span[]): HealthCell {
  return { label, spans };
}

function figure(text: string, tone: Tone): Span {
  return span(text, tone);
}

/** Exactly `width` cells, so that the next figure of the line stands under its column. */
function fitCell({ label, spans }: HealthCell, width: number): readonly Span[] {
  const fitted: Span[] = [span(fitText(label, LABEL_WIDTH), 'dim')];
  let left = width - LABEL_WIDTH - 1;
  for (const { text, tone } of spans) {
    const shown = fitText(text, Math.min(text.length, left)).trimEnd();
    fitted.push({ text: shown, tone });
    left -= shown.length;
  }
  return [...fitted, span(' '.repeat(Math.max(0, left) + 1))];
}
