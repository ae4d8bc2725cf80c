import type { Clock } from '../../../shared/clock.ts';

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;

/** Waits longer after each failure in a row: 100 ms, doubling, at most 10 s. `stop` ends every wait at once. */
export class Patience {
  readonly #clock: Clock;
  #failures = 0;
  #wake: (() => void) | undefined;
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether waiting is over for good. */
  get stopped(): boolean {
    return this.#stopped;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  async wait(): Promise<void> {
    const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    if (this.#stopped) return;
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(delayMs, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }
}
