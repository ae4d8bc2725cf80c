import type { Clock, Timer } from '../../shared/clock.ts';
import type { Micros, Millis } from '../../shared/units.ts';

/** Wall time and the runtime's timers. */
export const systemClock: Clock = {
  nowUs: (): Micros => Math.floor((performance.timeOrigin + performance.now()) * 1000),
  after: (delayMs: Millis, task: () => void): Timer => {
    // Node warns of a negative delay; to be late is ordinary here.
    const timer = setTimeout(task, Math.max(0, delayMs));
    return { cancel: () => clearTimeout(timer) };
  },
};
