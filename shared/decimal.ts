/**
 * An exact decimal: `units` × 10^-`scale`, trailing zeros dropped.
 * `units` is a bigint only where it is beyond 2^53; the exchange's figures practically never are.
 */
export interface Decimal {
  readonly units: number | bigint;
  readonly scale: number;
}

/** Most digits after the point that the monitor accepts: sums of products keep 16. */
export const MAX_SCALE = 16;

const PLAIN = /^-?\d{1,30}(?:\.(\d{1,16}))?$/;

/** Plain decimal text (no exponent) to a decimal; undefined for anything else. */
export function parseDecimal(text: string): Decimal | undefined {
  if (!PLAIN.test(text)) return undefined;
  const point = text.indexOf('.');
  if (point < 0) return { units: smallest(BigInt(text)), scale: 0 };
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end -= 1;
  const scale = end - point - 1;
  return {
    units: smallest(BigInt(text.slice(0, point) + text.slice(point + 1, end))),
    scale: Math.max(0, scale),
  };
}

/** The decimal as plain text, without trailing zeros and without an exponent. */
export function formatDecimal(value: Decimal): string {
  return formatUnits(value.units, value.scale);
}

/** `units` × 10^-`scale` as plain text without trailing zeros. */
export function formatUnits(units: number | bigint, scale: number): string {
  if (units < 0) return `-${formatUnits(-units, scale)}`;
  if (scale === 0) return units.toString();
  const digits = units.toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  let end = digits.length;
  while (end > point && digits.charCodeAt(end - 1) === 48) end -= 1;
  return end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`;
}

/** Negative, zero or positive as `a` is below, equal to or above `b`. */
export function compareDecimal(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const left = unitsAt(a, scale);
  const right = unitsAt(b, scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The units of a decimal at a scale that is not below its own. */
export function unitsAt(value: Decimal, scale: number): bigint {
  return BigInt(value.units) * 10n ** BigInt(scale - value.scale);
}

/** A bigint as a number where that is exact. */
export function smallest(value: bigint): number | bigint {
  return value <= MAX_SAFE && value >= -MAX_SAFE ? Number(value) : value;
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
