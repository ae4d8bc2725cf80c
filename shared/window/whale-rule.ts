import type { Units } from './figures.ts';

/** Whether a trade's quote value reaches a threshold, compared exactly at whatever scale the trade has. */
export class WhaleRule {
  readonly #threshold: number | null;
  #scale = -1;
  #units: Units = 0;

  /** `threshold`: in units of the quote asset; null is never reached. */
  constructor(threshold: number | null) {
    this.#threshold = threshold;
  }

  isWhale(value: Units, scale: number): boolean {
    if (this.#threshold === null) return false;
    if (scale !== this.#scale) {
      this.#scale = scale;
      const units = this.#threshold * 10 ** scale;
      this.#units = units <= Number.MAX_SAFE_INTEGER ? units : BigInt(Math.round(units));
    }
    return value >= this.#units;
  }
}
