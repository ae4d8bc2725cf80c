import { MINUTE_PANES, type Resolution } from './resolution.ts';

/** A window that is to be written as final. */
export interface FinalWindow {
  readonly resolution: Resolution;
  readonly startPane: number;
  /** The sequence number of the event that made or last changed the row. */
  readonly sequence: number;
}

/** The final windows whose rows are to be written; of each the latest change counts. */
export class WindowQueue {
  /** A tick asked for every open row that waits. */
  flushRequested = false;
  /** Panes of the largest window. */
  readonly largestSize: number;
  readonly #resolutions: readonly Resolution[];
  #finals = new Map<string, FinalWindow>();

  constructor(resolutions: readonly Resolution[]) {
    this.#resolutions = resolutions;
    this.largestSize = Math.max(...resolutions.map((resolution) => resolution.sizePanes));
  }

  /**
   * The watermark went from pane `before` to pane `after`: windows that end in between close. `traded` gives the
   * panes with trades from `before` on; it is asked only after a long silence, which is not gone through pane by
   * pane.
   */
  close(
    before: number,
    after: number,
    lastTraded: number,
    sequence: number,
    traded: () => readonly number[],
  ): void {
    const near = Math.min(after, before + this.largestSize);
    this.#closeEnding(before, near, lastTraded, sequence);
    if (after === near) return;
    for (const index of traded()) {
      this.#closeEnding(Math.max(near, index), Math.min(after, index + this.largestSize), index, sequence);
    }
  }

  /** Windows that end after `before`, at `last` at the latest, and begin at `traded` or earlier. */
  #closeEnding(before: number, last: number, traded: number, sequence: number): void {
    for (let end = before + 1; end <= last; end += 1) {
      for (const resolution of this.#resolutions) {
        const startPane = end - resolution.sizePanes;
        if (startPane % resolution.stepPanes === 0 && startPane <= traded) {
          this.#put(resolution, startPane, sequence);
        }
      }
    }
  }

  /** Pane `index` changed: every closed window that holds it is to be written again. */
  revise(index: number, openPane: number, sequence: number): void {
    for (const resolution of this.#resolutions) {
      const step = resolution.stepPanes;
      const first = Math.floor((index - resolution.sizePanes) / step + 1) * step;
      for (let startPane = first; startPane <= index; startPane += step) {
        if (startPane + resolution.sizePanes <= openPane) this.#put(resolution, startPane, sequence);
      }
    }
  }

  /** The kline of the minute that starts at pane `index` came: closed windows of whole minutes are judged again. */
  judgeAgain(index: number, openPane: number, sequence: number): void {
    for (const resolution of this.#resolutions) {
      if (!isAudited(resolution)) continue;
      const startPane = Math.floor(index / resolution.sizePanes) * resolution.sizePanes;
      if (startPane + resolution.sizePanes <= openPane) this.#put(resolution, startPane, sequence);
    }
  }

  /** The windows to be written, and none is left. */
  take(): readonly FinalWindow[] {
    const taken = [...this.#finals.values()];
    this.#finals = new Map();
    return taken;
  }

  /** The windows to be written, without taking them. */
  peek(): Iterable<FinalWindow> {
    return this.#finals.values();
  }

  #put(resolution: Resolution, startPane: number, sequence: number): void {
    this.#finals.set(`${resolution.name}@${startPane}`, { resolution, startPane, sequence });
  }
}

/** Whether a window is made of whole minutes, which the exchange's klines witness. */
export function isAudited(resolution: Resolution): boolean {
  return resolution.stepPanes === resolution.sizePanes && resolution.sizePanes % MINUTE_PANES === 0;
}
