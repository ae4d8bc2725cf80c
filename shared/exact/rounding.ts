import { bigPowerOfTen } from './powers.ts';

/** Digits kept of a quotient or root before the one rounding to a double, which holds 17. */
const DIGITS = 22;

/**
 * `numerator` / `denominator` as the nearest double: the quotient's digits are computed exactly, a digit of 1
 * stands for what was cut off, and the text is parsed once. Both must be non-negative, the denominator not zero.
 */
export function roundQuotient(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  const shift = Math.max(0, DIGITS - (digits(numerator) - digits(denominator)));
  const scaled = numerator * bigPowerOfTen(shift);
  const quotient = scaled / denominator;
  return parseSticky(quotient, scaled % denominator !== 0n, shift);
}

/** The square root of `numerator` / `denominator` as the nearest double; both non-negative. */
export function roundRoot(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  const shift = Math.max(0, DIGITS - Math.floor((digits(numerator) - digits(denominator)) / 2));
  const scaled = (numerator * bigPowerOfTen(2 * shift)) / denominator;
  const root = integerRoot(scaled);
  const exact = root * root * denominator === numerator * bigPowerOfTen(2 * shift);
  return parseSticky(root, !exact, shift);
}

/** The largest integer whose square is not above `value`. */
export function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = BigInt(Math.floor(Math.sqrt(Number(value))));
  for (;;) {
    const next = (root + value / root) >> 1n;
    const step = next - root;
    if (step === 0n || step === 1n || step === -1n) {
      root = next;
      break;
    }
    root = next;
  }
  while (root * root > value) root -= 1n;
  while ((root + 1n) * (root + 1n) <= value) root += 1n;
  return root;
}

function digits(value: bigint): number {
  return value.toString().length;
}

function parseSticky(value: bigint, inexact: boolean, shift: number): number {
  return Number(`${value}${inexact ? '1' : '0'}e-${shift + 1}`);
}
