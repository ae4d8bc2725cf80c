/**
 * How a task's output gets through a log stream that knows neither stdout from stderr nor lines above 256 KB (16 KB
 * of some drivers), drops empty ones, and may give events of one millisecond in any order: each line has a number
 * and says what it is.
 *
 * `7 out| text` is a line, `7 out+ text` a piece of one that goes on, `7 err| text` a line of stderr, and
 * `7 end| 0` the last line of all, with the exit code.
 */
export interface TaskLine {
  readonly number: number;
  readonly kind: 'out' | 'err' | 'end';
  readonly text: string;
  /** Whether the text goes on with the next line of its kind. */
  readonly isOpen: boolean;
}

/** UTF-16 units of a piece, so that it stays below 16 KB as UTF-8. */
export const PIECE_UNITS = 4_000;

const LINE = /^(\d{1,15}) (out|err|end)([|+])(?: ([\s\S]*))?$/;

/** A line as it stands in the log stream. */
export function encodeTaskLine({ number, kind, text, isOpen }: TaskLine): string {
  return `${number} ${kind}${isOpen ? '+' : '|'}${text === '' ? '' : ` ${text}`}`;
}

/** The line back; undefined for what something else than the entry wrote, such as Node before it dies. */
export function decodeTaskLine(message: string): TaskLine | undefined {
  const found = LINE.exec(message);
  if (found === null) return undefined;
  const [, number, kind, sign, text = ''] = found;
  if (kind !== 'out' && kind !== 'err' && kind !== 'end') return undefined;
  return { number: Number(number), kind, text, isOpen: sign === '+' };
}
