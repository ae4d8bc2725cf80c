import { type Micros, SECOND_US } from '../units.ts';
import type { Thresholds } from './thresholds.ts';

const PANE_US = 10 * SECOND_US;

/** For the stored state: newest pane's start in units of 10 s, panes seen, mean, variance. */
export type BaselineState = readonly [number, number, number, number];

/**
 * Exponentially weighted mean and deviation of the volume of 10 s panes; a pane without a trade counts as zero.
 * @see Finch, "Incremental calculation of weighted mean and variance" (2009), equations 124 and 143
 */
export class VolumeBaseline {
  readonly #thresholds: Thresholds;
  readonly #weight: number;
  #newestUs: Micros = 0;
  #panes = 0;
  #mean = 0;
  #variance = 0;
  #threshold = Number.NaN;

  constructor(thresholds: Thresholds) {
    this.#thresholds = thresholds;
    this.#weight = 1 - 2 ** (-1 / thresholds.volumeBaselineHalfLifePanes);
  }

  /** Volume above which a pane stands out; NaN while the history is too short. */
  get threshold(): number {
    return this.#threshold;
  }

  /** The ordinary volume of a pane. */
  get mean(): number {
    return this.#mean;
  }

  /** Takes in a closed pane. One that is not newer than the last is a revision and is left out. */
  add(paneStartUs: Micros, volume: number): void {
    if (paneStartUs <= this.#newestUs) return;
    if (this.#newestUs > 0) this.#addEmpty(Math.round((paneStartUs - this.#newestUs) / PANE_US) - 1);
    this.#addOne(volume);
    this.#newestUs = paneStartUs;
    this.#decide();
  }

  toState(): BaselineState {
    return [this.#newestUs / PANE_US, this.#panes, this.#mean, this.#variance];
  }

  restore(state: BaselineState): void {
    [, this.#panes, this.#mean, this.#variance] = state;
    this.#newestUs = state[0] * PANE_US;
    this.#decide();
  }

  #addOne(volume: number): void {
    if (this.#panes === 0) {
      this.#mean = volume;
    } else {
      const off = volume - this.#mean;
      this.#mean += this.#weight * off;
      this.#variance = (1 - this.#weight) * (this.#variance + this.#weight * off * off);
    }
    this.#panes = Math.min(this.#panes + 1, 1_000_000);
  }

  #addEmpty(panes: number): void {
    // After ten half-lives nothing is left of the history: the loop stays short however long the silence was.
    const counted = Math.min(panes, 10 * this.#thresholds.volumeBaselineHalfLifePanes);
    for (let pane = 0; pane < counted; pane += 1) this.#addOne(0);
  }

  #decide(): void {
    const { volumeBaselineMinPanes, volumeBaselineDeviations, volumeBaselineRatio } = this.#thresholds;
    if (this.#panes < volumeBaselineMinPanes) {
      this.#threshold = Number.NaN;
      return;
    }
    this.#threshold = Math.max(
      this.#mean + volumeBaselineDeviations * Math.sqrt(this.#variance),
      volumeBaselineRatio * this.#mean,
    );
  }
}
