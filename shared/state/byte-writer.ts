import type { Units } from '../window/figures.ts';

/** Writes integers of any size in as few bytes as they need (LEB128), growing as it goes. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, this.#bytes]);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** A whole number of 0 or more. */
  unsigned(value: Units): void {
    let rest = value;
    while (typeof rest === 'bigint' && rest > Number.MAX_SAFE_INTEGER) {
      this.byte(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    let small = Number(rest);
    while (small >= 128) {
      this.byte((small % 128) | 128);
      small = Math.floor(small / 128);
    }
    this.byte(small);
  }

  /** A whole number that may be negative; magnitude below 2^52. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -value * 2 - 1 : value * 2);
  }

  text(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    this.unsigned(bytes.length);
    for (const byte of bytes) this.byte(byte);
  }

  /** A list: its length, then each item by `write`. */
  list<Item>(items: readonly Item[], write: (item: Item) => void): void {
    this.unsigned(items.length);
    for (const item of items) write(item);
  }

  /** A copy of what was written. */
  finish(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }
}
