/** Nanoseconds of each TimeUnit of the API. */
export const TIME_UNITS = {
  SECONDS: 1_000_000_000n,
  MILLISECONDS: 1_000_000n,
  MICROSECONDS: 1_000n,
  NANOSECONDS: 1n,
} as const;

export type TimeUnit = keyof typeof TIME_UNITS;
