/** Below this a product of two units is added without a bigint. */
export const FAST_LIMIT = 2 ** 52;

/**
 * A sum of non-negative integers that never rounds: `big` + `high` × 2^52 + `low`.
 * Adding a number below 2^52 is a few machine instructions; bigints take the slow lane.
 */
export class ExactSum {
  low = 0;
  high = 0;
  big = 0n;

  /** Adds an integer of 0 to 2^52. */
  add(value: number): void {
    const low = this.low + value;
    if (low >= FAST_LIMIT) {
      this.low = low - FAST_LIMIT;
      this.high += 1;
    } else {
      this.low = low;
    }
  }

  addBig(value: bigint): void {
    this.big += value;
  }

  /** Adds another sum, multiplied by a power of ten where the scales differ. */
  addSum(other: ExactSum, factor = 1): void {
    if (factor === 1 && other.big === 0n) {
      this.add(other.low);
      this.high += other.high;
    } else {
      this.big += other.value() * BigInt(factor);
    }
  }

  /** The sum, exactly. */
  value(): bigint {
    return this.big + BigInt(this.high) * BigInt(FAST_LIMIT) + BigInt(this.low);
  }

  /** The sum as a number where that is exact, else undefined. */
  safeValue(): number | undefined {
    if (this.big !== 0n || this.high > 1) return undefined;
    return this.high * FAST_LIMIT + this.low;
  }

  /** Replaces the sum. */
  set(value: bigint): void {
    this.low = 0;
    this.high = 0;
    this.big = 0n;
    if (value < BigInt(FAST_LIMIT)) this.low = Number(value);
    else this.big = value;
  }

  /** The same sum in units `factor` times finer. */
  rescale(factor: bigint): void {
    if (this.low !== 0 || this.high !== 0 || this.big !== 0n) this.set(this.value() * factor);
  }
}
