import { CodedError } from '../coded-error.ts';
import { smallest } from '../decimal.ts';
import type { Units } from '../window/figures.ts';

/** Reads what {@link ByteWriter} wrote. Fails with `STATE_CORRUPT` beyond the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) {
      throw new CodedError(
        'STATE_CORRUPT',
        `The stored window state ends at byte ${this.#at}, in the middle of a value. Restore the table or rebuild the symbol.`,
        { data: { lengthBytes: this.#bytes.length } },
      );
    }
    this.#at += 1;
    return value;
  }

  /** A whole number of 0 or more, a bigint where it is beyond 2^53. */
  units(): Units {
    const start = this.#at;
    let value = 0;
    let factor = 1;
    for (let groups = 0; groups < 7; groups += 1) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    this.#at = start;
    let big = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      big |= BigInt(byte & 127) << shift;
      if (byte < 128) return smallest(big);
    }
  }

  /** A whole number of 0 to 2^53. */
  unsigned(): number {
    return Number(this.units());
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  text(): string {
    const length = this.unsigned();
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length; at += 1) bytes[at] = this.byte();
    return bytes.toString('utf8');
  }

  list<Item>(read: () => Item): Item[] {
    return Array.from({ length: this.unsigned() }, read);
  }
}
