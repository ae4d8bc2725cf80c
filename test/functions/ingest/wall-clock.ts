import type { Clock } from '../../../shared/clock.ts';

/** Wall time, for tests with real sockets. */
export const wallClock: Clock = {
  nowUs: () => Date.now() * 1_000,
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
