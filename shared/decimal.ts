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

/** Up to this many digits the units are a number, and no bigint is needed on the way. */
export const MAX_FAST_DIGITS = 15;

const PLAIN = /^-?\d{1,30}(?:\.(\d{1,16}))?$/;
const ZERO = 48;
const NINE = 57;
const POINT = 46;
const MINUS = 45;

/** Plain decimal text (no exponent) to a decimal; undefined for anything else. */
export function parseDecimal(text: string): Decimal | undefined {
  return parseShort(text) ?? parseLong(text);
}

/** The common case: at most 15 digits once trailing zeros are dropped. Undefined says nothing about the text. */
function parseShort(text: string): Decimal | undefined {
  const negative = text.charCodeAt(0) === MINUS;
  const start = negative ? 1 : 0;
  const { length } = text;
  if (length === start || length > start + 1 + 2 * MAX_SCALE) return undefined;
  let units = 0;
  let zeros = 0;
  let digits = 0;
  let point = -1;
  for (let index = start; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === POINT) {
      if (point >= 0 || index === start || index === length - 1) return undefined;
      point = index;
      continue;
    }
    if (code < ZERO || code > NINE) return undefined;
    if (code === ZERO && point >= 0) {
      zeros += 1;
      continue;
    }
    const shift = zeros + 1;
    if (units > 0 || point < 0 || code > ZERO) digits += shift;
    if (digits > MAX_FAST_DIGITS) return undefined;
    units = units * (POWERS[shift] ?? 0) + (code - ZERO);
    zeros = 0;
  }
  if (point >= 0 && length - 1 - point > MAX_SCALE) return undefined;
  const scale = point < 0 ? 0 : length - 1 - point - zeros;
  return { units: negative && units > 0 ? -units : units, scale };
}

function parseLong(text: string): Decimal | undefined {
  if (!PLAIN.test(text)) return undefined;
  const point = text.indexOf('.');
  if (point < 0) return { units: smallest(BigInt(text)), scale: 0 };
  let end = text.length;
  while (text.charCodeAt(end - 1) === ZERO) end -= 1;
  return {
    units: smallest(BigInt(text.slice(0, point) + text.slice(point + 1, end))),
    scale: Math.max(0, end - point - 1),
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
  while (end > point && digits.charCodeAt(end - 1) === ZERO) end -= 1;
  return end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`;
}

/** Negative, zero or positive as `a` is below, equal to or above `b`. */
export function compareDecimal(a: Decimal, b: Decimal): number {
  if (a.scale === b.scale) return a.units < b.units ? -1 : a.units > b.units ? 1 : 0;
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

/** 10^0 to 10^15, the powers that a number multiplies by exactly. */
const POWERS: readonly number[] = Array.from({ length: MAX_FAST_DIGITS + 1 }, (_, power) => 10 ** power);
