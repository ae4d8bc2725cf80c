import type { Clock, Timer } from '../../../shared/clock.ts';

/** Lets others wait for something to happen, and wakes all of them when it does. */
export class Signal {
  #waiting: (() => void)[] = [];

  /** Resolves at the next `raise`, or after `waitMs`. */
  next(clock?: Clock, waitMs?: number): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      this.#waiting.push(() => {
        timer?.cancel();
        resolve();
      });
      if (clock !== undefined && waitMs !== undefined) timer = clock.after(waitMs, () => this.raise());
    });
  }

  raise(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
