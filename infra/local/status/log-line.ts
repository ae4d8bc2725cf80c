import { perSecond, whole } from '../terminal/figures.ts';
import { type Line, span, type Tone } from '../terminal/span.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a line of `monitor.log`; undefined where it is none. */
export function logFields(line: string): Fields | undefined {
  try {
    const fields: unknown = JSON.parse(line);
    return isFields(fields) && typeof fields.event === 'string' ? fields : undefined;
  } catch {
    return undefined;
  }
}

const LEVELS: Readonly<Record<string, Tone>> = { debug: 'dim', info: 'plain', warning: 'warn', error: 'bad' };

/** A line of `monitor.log` for eyes: time, and what happened or how the run stood. */
export function readableLine(line: string): Line {
  const fields = logFields(line);
  if (fields === undefined) return [span(line)];
  const time = String(fields.time).slice(0, 19).replace('T', ' ');
  const tone = LEVELS[String(fields.level)] ?? 'plain';
  const said = fields.event === 'status' ? statusWords(fields) : String(fields.message);
  return [span(`${time}  `, 'dim'), span(said, fields.event === 'status' ? 'dim' : tone)];
}

function statusWords(fields: Fields): string {
  const progress = isFields(fields.progress)
    ? `, ${whole(number(fields.progress.frames))} of ${whole(number(fields.progress.total_frames))} frames replayed`
    : '';
  const symbols = Object.entries(isFields(fields.symbols) ? fields.symbols : {})
    .slice(0, 3)
    .flatMap(([symbol, figures]) =>
      isFields(figures) && typeof figures.price === 'number' ? [`${symbol} ${figures.price}`] : [],
    );
  return [
    `status ${String(fields.status)}${progress}`,
    `${perSecond(number(fields.frames_per_s))} frames/s`,
    `lag ${whole(number(fields.lag_records))}`,
    `${whole(number(fields.rows_written))} rows`,
    `${whole(number(fields.open_gaps))} open gaps`,
    ...symbols,
  ].join(', ');
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
