import type { Micros } from '../units.ts';

/** The year 1973 in milliseconds: what is below is seconds, or nothing. */
const MIN_MILLIS = 100_000_000_000;
/** The year 1973 in microseconds (the year 5138 in milliseconds): no market event is older. */
export const MIN_PLAUSIBLE_US = 100_000_000_000_000;

/**
 * A time of the exchange in microseconds. Milliseconds (the default) and microseconds
 * (`timeUnit=MICROSECOND`) are told apart by their magnitude; seconds and fractions are undefined.
 */
export function exchangeTimeUs(value: number): Micros | undefined {
  if (!Number.isSafeInteger(value) || value < MIN_MILLIS) return undefined;
  return value < MIN_PLAUSIBLE_US ? value * 1000 : value;
}

/** Whether a point in time can be one of a market: from 1973 on, and exact. */
export function isPlausibleUs(value: Micros): boolean {
  return Number.isSafeInteger(value) && value >= MIN_PLAUSIBLE_US;
}

/** Milliseconds with up to three decimals, as our own events carry them, in microseconds; exact until 2255. */
export function microsOfMillis(value: number): Micros | undefined {
  const us = Math.round(value * 1000);
  return isPlausibleUs(us) ? us : undefined;
}
