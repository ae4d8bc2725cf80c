/** Nanoseconds of the units of a duration literal such as `15m`. */
const UNIT_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  second: 1_000_000_000n,
  m: 60_000_000_000n,
  minute: 60_000_000_000n,
  h: 3_600_000_000_000n,
  hour: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  day: 86_400_000_000_000n,
};

/** A length of time: an even number of nanoseconds, or calendar months. */
export type Duration =
  | { readonly kind: 'time'; readonly ns: bigint }
  | { readonly kind: 'months'; readonly months: number };

/** `1m`, `60000ms`, `1d`, `2mo`, `1y` to a duration; undefined for any other text. */
export function parseDuration(text: string): Duration | undefined {
  const [, digits, unit] = /^(\d{1,18})([a-z]+)$/.exec(text.toLowerCase()) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  const months = unit === 'mo' || unit === 'month' ? 1 : unit === 'y' || unit === 'year' ? 12 : undefined;
  if (months !== undefined) {
    const count = Number(digits) * months;
    return count > 120_000 ? undefined : { kind: 'months', months: count };
  }
  const unitNs = UNIT_NS[unit];
  if (unitNs === undefined) return undefined;
  const ns = BigInt(digits) * unitNs;
  return ns < 2n ** 63n ? { kind: 'time', ns } : undefined;
}
