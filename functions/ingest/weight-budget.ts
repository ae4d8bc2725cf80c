import type { Clock } from '../../shared/clock.ts';
import { MINUTE_US, type Micros, type Millis } from '../../shared/units.ts';

/**
 * The request weight of the running minute. The exchange counts by whole minutes of its clock and tells the sum of
 * the whole address in `X-MBX-USED-WEIGHT-1M`; what it tells counts more than what was counted here.
 */
export class WeightBudget {
  readonly #clock: Clock;
  readonly #limit: number;
  #minute = -1;
  #used = 0;
  #blockedUntilUs: Micros = 0;

  /** `limit` leaves room for others behind the same address. */
  constructor(clock: Clock, limit = 4_800) {
    this.#clock = clock;
    this.#limit = limit;
  }

  get used(): number {
    this.#turn();
    return this.#used;
  }

  /** Whether the exchange has asked to wait, and the wait is not over. */
  get isBlocked(): boolean {
    return this.#clock.nowUs() < this.#blockedUntilUs;
  }

  /** Takes `weight` and returns 0, or takes nothing and returns how long to wait. */
  take(weight: number): Millis {
    const nowUs = this.#clock.nowUs();
    if (nowUs < this.#blockedUntilUs) return (this.#blockedUntilUs - nowUs) / 1_000;
    this.#turn();
    if (this.#used > 0 && this.#used + weight > this.#limit)
      return (MINUTE_US - (nowUs % MINUTE_US)) / 1_000 + 50;
    this.#used += weight;
    return 0;
  }

  /** What the exchange says was used in this minute. */
  told(used: number): void {
    this.#turn();
    this.#used = Math.max(this.#used, used);
  }

  /** Nothing is asked for so long (`Retry-After`). */
  blockFor(ms: Millis): void {
    this.#blockedUntilUs = Math.max(this.#blockedUntilUs, this.#clock.nowUs() + ms * 1_000);
  }

  #turn(): void {
    const minute = Math.floor(this.#clock.nowUs() / MINUTE_US);
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.#used = 0;
  }
}
