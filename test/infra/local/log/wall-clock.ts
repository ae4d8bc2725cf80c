import type { Clock } from '../../../../shared/clock.ts';

/** The machine's own time, for tests with real files and sockets. */
export const wallClock: Clock = {
  nowUs: () => Date.now() * 1000,
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
