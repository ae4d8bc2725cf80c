import type { Clock } from '../../shared/clock.ts';

/** The machine's own time and timers. */
export const wallClock: Clock = {
  nowUs: () => Date.now() * 1_000,
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
