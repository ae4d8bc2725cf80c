import type { Clock, Timer } from './clock.ts';
import type { Micros, Millis } from './units.ts';

interface Pending {
  readonly dueUs: Micros;
  readonly task: () => void;
}

/**
 * A clock that moves only when told to. Timers run in the order of their due time, those due together in the
 * order in which they were set, each with the clock standing at its due time.
 */
export class VirtualClock implements Clock {
  #nowUs: Micros;
  /** In the order in which they will run. */
  readonly #pending: Pending[] = [];

  constructor(startUs: Micros) {
    this.#nowUs = startUs;
  }

  nowUs(): Micros {
    return this.#nowUs;
  }

  after(delayMs: Millis, task: () => void): Timer {
    const pending = { dueUs: this.#nowUs + Math.max(0, Math.round(delayMs * 1_000)), task };
    let at = this.#pending.length;
    while (at > 0 && (this.#pending[at - 1]?.dueUs ?? 0) > pending.dueUs) at -= 1;
    this.#pending.splice(at, 0, pending);
    return {
      cancel: () => {
        const index = this.#pending.indexOf(pending);
        if (index >= 0) this.#pending.splice(index, 1);
      },
    };
  }

  /** Timers that have not run. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  /** When the next timer is due; undefined without one. */
  get nextDueUs(): Micros | undefined {
    return this.#pending[0]?.dueUs;
  }

  /** Moves to the next timer and runs it, if it is due at or before `limitUs`; false where there is none. */
  runNext(limitUs: Micros): boolean {
    const next = this.#pending[0];
    if (next === undefined || next.dueUs > limitUs) return false;
    this.#pending.shift();
    this.#nowUs = Math.max(this.#nowUs, next.dueUs);
    next.task();
    return true;
  }

  /** Runs every timer due up to `us`, those that they set included, and stands at `us`. It never moves back. */
  advanceTo(us: Micros): void {
    while (this.runNext(us));
    this.#nowUs = Math.max(this.#nowUs, us);
  }

  /** {@link advanceTo} by a length of time. */
  advance(ms: Millis): void {
    this.advanceTo(this.#nowUs + Math.round(ms * 1_000));
  }

  /** Stands at `us` at once; timers that became due run late, at their next turn. It never moves back. */
  jumpTo(us: Micros): void {
    this.#nowUs = Math.max(this.#nowUs, us);
  }
}
