import type { Line, Tone } from './span.ts';

/** Turns a line into what is printed. */
export type Palette = (line: Line) => string;

const CODES: Readonly<Record<Tone, string>> = {
  plain: '',
  dim: '2',
  strong: '1',
  good: '32',
  warn: '33',
  bad: '31;1',
  accent: '36',
};

/** No colours: for `NO_COLOR`, dumb terminals and files. */
export const plainPalette: Palette = (line) => line.map(({ text }) => text).join('');

/** The sixteen colours that every terminal's theme defines, so that dark and light both read well. */
export const colourPalette: Palette = (line) =>
  line
    .map(({ text, tone }) => (CODES[tone] === '' ? text : `\u001b[${CODES[tone]}m${text}\u001b[0m`))
    .join('');

/**
 * The palette for a stream: colours on a terminal only, and never where `NO_COLOR` is set and not empty.
 * @see https://no-color.org
 */
export function paletteFor(
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Palette {
  const isOff = (environment.NO_COLOR ?? '') !== '' || environment.TERM === 'dumb';
  return isTerminal && !isOff ? colourPalette : plainPalette;
}
