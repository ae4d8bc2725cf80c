import type { Clock, Timer } from '../../../../shared/clock.ts';

interface Planned {
  readonly atUs: number;
  readonly order: number;
  readonly task: () => void;
}

/** A clock that moves only when a test says so. */
export class VirtualClock implements Clock {
  #nowUs = 1_700_000_000_000_000;
  #order = 0;
  #planned: Planned[] = [];

  nowUs(): number {
    return this.#nowUs;
  }

  after(delayMs: number, task: () => void): Timer {
    const planned = { atUs: this.#nowUs + Math.max(0, delayMs) * 1000, order: this.#order++, task };
    this.#planned.push(planned);
    return {
      cancel: () => {
        this.#planned = this.#planned.filter((other) => other !== planned);
      },
    };
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#planned.length;
  }

  /** Moves on by `ms`, running what falls due, with the promises that follow from it. */
  async advance(ms: number): Promise<void> {
    const untilUs = this.#nowUs + ms * 1000;
    for (;;) {
      await settled();
      const next = this.#planned
        .filter(({ atUs }) => atUs <= untilUs)
        .sort((a, b) => a.atUs - b.atUs || a.order - b.order)[0];
      if (next === undefined) break;
      this.#planned = this.#planned.filter((other) => other !== next);
      this.#nowUs = Math.max(this.#nowUs, next.atUs);
      next.task();
    }
    this.#nowUs = untilUs;
    await settled();
  }

  /** Moves on, timer by timer, until the promise is settled; fails after `limitMs` of virtual time. */
  async until<Result>(promise: Promise<Result>, limitMs = 3_600_000): Promise<Result> {
    let done = false;
    const watched = promise.finally(() => {
      done = true;
    });
    watched.catch(() => {});
    const deadlineUs = this.#nowUs + limitMs * 1000;
    for (;;) {
      await settled();
      if (done) return watched;
      const next = this.#planned.sort((a, b) => a.atUs - b.atUs || a.order - b.order)[0];
      if (next === undefined || next.atUs > deadlineUs) throw new Error('nothing more happens on this clock');
      await this.advance((next.atUs - this.#nowUs) / 1000);
    }
  }
}

/** Lets every promise that can go on do so: macrotasks, since some ports use `setImmediate`. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}
