import type { Palette } from './palette.ts';
import type { ScreenSize } from './render-monitor.ts';
import type { Line } from './span.ts';

/** The part of a terminal's stream that is used. */
export interface TerminalStream {
  readonly columns?: number;
  readonly rows?: number;
  readonly writableNeedDrain?: boolean;
  write(text: string): unknown;
}

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE_END = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
/** Terminals that know synchronized updates show the frame at once; others ignore it. */
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';

/**
 * Draws frames in place on the terminal's second screen, so that what stood there before comes back at the end.
 * Each frame is one write over the last one: nothing is cleared first, so nothing flickers.
 */
export class Screen {
  readonly #stream: TerminalStream;
  readonly #palette: Palette;
  #isOpen = false;

  constructor(stream: TerminalStream, palette: Palette) {
    this.#stream = stream;
    this.#palette = palette;
  }

  get size(): ScreenSize {
    return { columns: this.#stream.columns ?? 80, rows: this.#stream.rows ?? 24 };
  }

  draw(lines: readonly Line[]): void {
    // A terminal that does not keep up misses frames instead of filling our memory.
    if (this.#stream.writableNeedDrain === true) return;
    const frame = lines.map((line) => `${this.#palette(line)}${CLEAR_LINE_END}`).join('\r\n');
    this.#stream.write(`${this.#isOpen ? '' : ENTER}${BEGIN}${HOME}${frame}${CLEAR_BELOW}${END}`);
    this.#isOpen = true;
  }

  /** Gives the terminal back, with the last frame as plain lines above the prompt. */
  close(last: readonly Line[] = []): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stream.write(LEAVE + last.map((line) => `${this.#palette(line)}\n`).join(''));
  }
}
