import type { TimeRange } from './id-account.ts';

/** The start and end of a UTC day such as `2026-11-21`. */
export function rangeOfDay(day: string): TimeRange {
  const fromUs = Date.parse(`${day}T00:00:00Z`) * 1_000;
  return { fromUs, toUs: fromUs + 86_400_000_000 };
}
