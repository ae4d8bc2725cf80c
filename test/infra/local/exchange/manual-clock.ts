import type { Clock, Timer } from '../../../../shared/clock.ts';

interface Planned {
  readonly atUs: number;
  readonly task: () => void;
}

/** A clock that moves only when a test says so; real sockets go on beside it. */
export class ManualClock implements Clock {
  #nowUs: number;
  #planned: Planned[] = [];

  constructor(nowUs: number) {
    this.#nowUs = nowUs;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  after(delayMs: number, task: () => void): Timer {
    const planned = { atUs: this.#nowUs + Math.max(0, delayMs) * 1000, task };
    this.#planned.push(planned);
    return {
      cancel: () => {
        this.#planned = this.#planned.filter((other) => other !== planned);
      },
    };
  }

  /** Moves on by `ms`, running what falls due in its order. */
  advance(ms: number): void {
    const untilUs = this.#nowUs + ms * 1000;
    for (;;) {
      const [next] = this.#planned.filter(({ atUs }) => atUs <= untilUs).sort((a, b) => a.atUs - b.atUs);
      if (next === undefined) break;
      this.#planned = this.#planned.filter((other) => other !== next);
      this.#nowUs = Math.max(this.#nowUs, next.atUs);
      next.task();
    }
    this.#nowUs = untilUs;
  }
}
