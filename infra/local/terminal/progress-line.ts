import type { Clock, Timer } from '../../../shared/clock.ts';
import type { Micros, Millis } from '../../../shared/units.ts';
import { dateTime, progressBar, whole } from './figures.ts';
import type { TerminalStream } from './screen.ts';
import { fitText } from './span.ts';

const BAR_WIDTH = 30;
const DRAW_MS: Millis = 200;

/** How far a replay is. */
export interface ReplayPosition {
  readonly frames: number;
  readonly totalFrames: number;
  /** The recording's own time. */
  readonly timeUs: Micros;
}

/** The position as one line of at most `width` cells. */
export function progressText({ frames, totalFrames, timeUs }: ReplayPosition, width: number): string {
  const share = totalFrames === 0 ? 1 : Math.min(1, frames / totalFrames);
  const percent = `${String(Math.floor(share * 100)).padStart(3)} %`;
  const text = `${progressBar(share, BAR_WIDTH)} ${percent}  ${whole(frames)} of ${whole(totalFrames)} frames  ${dateTime(timeUs)}`;
  return fitText(text, width).trimEnd();
}

/** One line of a terminal that is drawn over itself and leaves nothing behind. */
export class ProgressLine {
  readonly #stream: TerminalStream;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #isDrawn = false;

  constructor(stream: TerminalStream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
  }

  /** Draws what `read` gives, five times a second, until `stop`. */
  follow(read: () => ReplayPosition): void {
    this.#timer = this.#clock.after(DRAW_MS, () => {
      if (this.#stream.writableNeedDrain !== true) {
        this.#isDrawn = true;
        this.#stream.write(`\r${progressText(read(), (this.#stream.columns ?? 80) - 1)}\u001b[K`);
      }
      this.follow(read);
    });
  }

  /** Wipes the line, for another one to be printed; it is drawn again below that. */
  clear(): void {
    if (this.#isDrawn) this.#stream.write('\r\u001b[K');
    this.#isDrawn = false;
  }

  stop(): void {
    this.#timer?.cancel();
    this.clear();
  }
}
