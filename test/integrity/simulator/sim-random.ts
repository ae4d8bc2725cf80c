import { unit } from '../../../infra/local/market/noise.ts';

/** Draws from a seed: the same sequence every time. Each purpose has a stream of its own. */
export class SimRandom {
  readonly #seed: number;
  readonly #stream: number;
  #drawn = 0;

  constructor(seed: number, stream: number) {
    this.#seed = seed;
    this.#stream = stream;
  }

  /** From 0 to below 1. */
  next(): number {
    this.#drawn += 1;
    return unit(this.#seed, 1_000 + this.#stream, this.#drawn);
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[this.whole(0, values.length - 1)] ?? values[0];
  }
}
