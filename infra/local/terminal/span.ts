/** What a piece of text means; the palette gives it a colour, or none. */
export type Tone = 'plain' | 'dim' | 'strong' | 'good' | 'warn' | 'bad' | 'accent';

/** A piece of a line. */
export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** A line of the screen, from left to right. */
export type Line = readonly Span[];

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

/** Characters that take two cells of a terminal: the scripts of East Asia, their full-width forms, emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u;

/** The cells that a text takes in a terminal. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : 1;
  return width;
}

/** The text in at most `width` cells; what is cut ends in `…`. Control characters become spaces. */
export function clipText(text: string, width: number): string {
  const clean = text.replace(/\p{Cc}/gu, ' ');
  if (textWidth(clean) <= width) return clean;
  if (width <= 0) return '';
  let taken = '';
  let used = 0;
  for (const character of clean) {
    const cells = textWidth(character);
    if (used + cells > width - 1) break;
    taken += character;
    used += cells;
  }
  return `${taken}…`;
}

/** The text filled up with spaces to `width` cells, or clipped to them. */
export function fitText(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const clipped = clipText(text, width);
  const fill = ' '.repeat(Math.max(0, width - textWidth(clipped)));
  return side === 'left' ? clipped + fill : fill + clipped;
}

/** The line in at most `width` cells. */
export function clipLine(line: Line, width: number): Line {
  const clipped: Span[] = [];
  let left = width;
  for (const { text, tone } of line) {
    if (left <= 0) break;
    const shown = clipText(text, left);
    clipped.push({ text: shown, tone });
    left -= textWidth(shown);
    if (shown !== text.replace(/\p{Cc}/gu, ' ')) break;
  }
  return clipped;
}

/** The cells that a line takes. */
export function lineWidth(line: Line): number {
  return line.reduce((width, { text }) => width + textWidth(text), 0);
}
