import type { Micros } from '../../../shared/units.ts';
import { dateTime, progressBar, whole } from './figures.ts';
import type { TerminalStream } from './screen.ts';

const BAR_WIDTH = 30;
const EVERY_US = 100_000;

/** One line of a terminal that tells how far a replay is, drawn over itself; it leaves nothing behind. */
export class ProgressLine {
  readonly #stream: TerminalStream;
  readonly #nowUs: () => Micros;
  #drawnUs = 0;
  #isDrawn = false;

  constructor(stream: TerminalStream, nowUs: () => Micros) {
    this.#stream = stream;
    this.#nowUs = nowUs;
  }

  /** At most ten times a second. */
  draw(frames: number, totalFrames: number, timeUs: Micros): void {
    const nowUs = this.#nowUs();
    if (nowUs - this.#drawnUs < EVERY_US || this.#stream.writableNeedDrain === true) return;
    this.#drawnUs = nowUs;
    this.#isDrawn = true;
    const share = totalFrames === 0 ? 1 : Math.min(1, frames / totalFrames);
    const text = `${progressBar(share, BAR_WIDTH)} ${Math.floor(share * 100)} %  ${whole(frames)} of ${whole(totalFrames)} frames  ${dateTime(timeUs)}`;
    this.#stream.write(`\r${text.slice(0, (this.#stream.columns ?? 80) - 1)}\u001b[K`);
  }

  clear(): void {
    if (this.#isDrawn) this.#stream.write('\r\u001b[K');
    this.#isDrawn = false;
  }
}
