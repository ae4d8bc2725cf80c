/**
 * A hash of integers to 32 bits, the same on every machine. Every draw of the simulated market is one of these,
 * keyed by what is drawn and when, so that no state has to be carried from one moment to the next.
 */
export function hash32(...keys: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const key of keys) {
    state = mix(state ^ (key | 0));
    state = mix(state ^ Math.floor(key / 4_294_967_296));
  }
  return state >>> 0;
}

/** A text as a key for {@link hash32} (FNV-1a). */
export function textKey(text: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  }
  return state >>> 0;
}

/** A draw from [0, 1). */
export function unit(...keys: readonly number[]): number {
  return hash32(...keys) / 4_294_967_296;
}

/**
 * Value noise: draws from [-1, 1) at whole multiples of a period, smoothly joined. Only additions and products
 * are used, so its result does not depend on a machine's mathematics library.
 */
export class ValueNoise {
  readonly #period: number;
  readonly #keys: readonly number[];
  #cell = Number.NaN;
  #from = 0;
  #to = 0;

  constructor(period: number, ...keys: readonly number[]) {
    this.#period = period;
    this.#keys = keys;
  }

  /** The noise at a place; asked in order it draws only where a period begins. */
  at(place: number): number {
    const cell = Math.floor(place / this.#period);
    if (cell !== this.#cell) {
      this.#cell = cell;
      this.#from = unit(...this.#keys, cell) * 2 - 1;
      this.#to = unit(...this.#keys, cell + 1) * 2 - 1;
    }
    const share = (place - cell * this.#period) / this.#period;
    return this.#from + (this.#to - this.#from) * share * share * (3 - 2 * share);
  }
}

function mix(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
