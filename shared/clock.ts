import type { Micros, Millis } from './units.ts';

/** A pending task of a {@link Clock}; cancelling one that has run does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time and timers, injected everywhere so that a replay and the tests run on a virtual clock. */
export interface Clock {
  /** The present, in microseconds since 1970. */
  nowUs(): Micros;
  /** Runs `task` once, `delayMs` from now. */
  after(delayMs: Millis, task: () => void): Timer;
}
