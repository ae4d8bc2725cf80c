import type { Micros, Millis } from '../../../shared/units.ts';

/** Counts what happens within a sliding window of time. It holds `max` times at most. */
export class RateWindow {
  readonly #max: number;
  readonly #windowUs: Micros;
  #timesUs: Micros[] = [];

  constructor(max: number, windowMs: Millis) {
    this.#max = max;
    this.#windowUs = windowMs * 1000;
  }

  /** Counts one more; false where the window is full, and then it is not counted. */
  take(nowUs: Micros): boolean {
    this.#timesUs = this.#timesUs.filter((timeUs) => timeUs > nowUs - this.#windowUs);
    if (this.#timesUs.length >= this.#max) return false;
    this.#timesUs.push(nowUs);
    return true;
  }
}
