import { hash32 } from './noise.ts';

/** The minute in which the simulated market opened: 2020-01-01T00:00Z, in minutes since 1970. */
export const FIRST_MINUTE = 26_297_280;

const SLOW_MINUTES = 8;

/**
 * How many events had happened before a minute: a closed form that never decreases, so that ids are contiguous,
 * are the same after any restart, and can be found again from any id. Two jitters on a straight line make busy
 * and idle minutes; their slopes together stay below the line's.
 * @param per1000Minutes how many there are in a thousand minutes on average
 * @param keys what is counted: seed, symbol, kind
 */
export function countBefore(minute: number, per1000Minutes: number, ...keys: readonly number[]): number {
  const since = minute - FIRST_MINUTE;
  if (since <= 0) return 0;
  const fast = hash32(...keys, 1, minute) % 1000;
  const cell = Math.floor(since / SLOW_MINUTES);
  const share = since - cell * SLOW_MINUTES;
  const from = hash32(...keys, 2, cell) % 1000;
  const to = hash32(...keys, 2, cell + 1) % 1000;
  const slow = from * (SLOW_MINUTES - share) + to * share;
  const line = per1000Minutes * since;
  return Math.floor((line + Math.floor((per1000Minutes * (fast * 5 + slow * 3.5)) / 10_000)) / 1000);
}

/**
 * The minute in which the event with this index (from 0) happens, by bisection of a count of events before a
 * minute.
 * @param slackMinutes how far the count may be from its straight line
 */
export function minuteOf(
  index: number,
  per1000Minutes: number,
  slackMinutes: number,
  countBeforeMinute: (minute: number) => number,
): number {
  const guess = FIRST_MINUTE + Math.floor((index * 1000) / per1000Minutes);
  let low = Math.max(FIRST_MINUTE, guess - slackMinutes);
  let high = Math.max(FIRST_MINUTE, guess + slackMinutes);
  while (low < high) {
    const middle = Math.floor((low + high + 1) / 2);
    if (countBeforeMinute(middle) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}
