/** 10^0 to 10^15 as numbers: all exact. */
export const POWERS_OF_TEN: readonly number[] = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/** 10^`exponent` as a bigint. */
export function bigPowerOfTen(exponent: number): bigint {
  return BIG_POWERS[exponent] ?? 10n ** BigInt(exponent);
}

const BIG_POWERS: readonly bigint[] = Array.from({ length: 49 }, (_, exponent) => 10n ** BigInt(exponent));
