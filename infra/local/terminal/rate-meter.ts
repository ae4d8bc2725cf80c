import type { Micros } from '../../../shared/units.ts';
import { SECOND_US } from '../../../shared/units.ts';

const SPAN_US = 5 * SECOND_US;

/** The rate of a growing count over its last five seconds. */
export class RateMeter {
  readonly #samples: { readonly timeUs: Micros; readonly count: number }[] = [];

  /** Notes the count and gives its rate per second; 0 before there are two samples. */
  rate(count: number, nowUs: Micros): number {
    const last = this.#samples.at(-1);
    if (last === undefined || nowUs > last.timeUs) this.#samples.push({ timeUs: nowUs, count });
    let second = this.#samples[1];
    while (second !== undefined && nowUs - second.timeUs >= SPAN_US) {
      this.#samples.shift();
      second = this.#samples[1];
    }
    const first = this.#samples[0];
    if (first === undefined || nowUs <= first.timeUs) return 0;
    return Math.max(0, ((count - first.count) * SECOND_US) / (nowUs - first.timeUs));
  }
}
