import { systemClock } from '../../infra/local/system-clock.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Micros } from '../../shared/units.ts';

/** A clock that runs as the system's and stands at `startUs` now: a live feed on a recording's day. */
export function shiftedClock(startUs: Micros): Clock {
  const offsetUs = startUs - systemClock.nowUs();
  return {
    nowUs: () => systemClock.nowUs() + offsetUs,
    after: (delayMs, task) => systemClock.after(delayMs, task),
  };
}
