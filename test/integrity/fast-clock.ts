import type { Clock } from '../../shared/clock.ts';

/** A clock that runs `speed` times as fast as the wall's, from the present on. */
export function fastClock(speed: number): Clock {
  const startMs = Date.now();
  const startedMs = performance.now();
  return {
    nowUs: () => Math.floor((startMs + (performance.now() - startedMs) * speed) * 1000),
    after: (delayMs, task) => {
      const timer = setTimeout(task, delayMs / speed);
      return { cancel: () => clearTimeout(timer) };
    },
  };
}
