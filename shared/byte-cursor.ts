import { MAX_FAST_DIGITS, MAX_SCALE } from './decimal.ts';

const ZERO = 48;
const NINE = 57;
const POINT = 46;
const MINUS = 45;
const SLOTS = 1024;
const WORD = 8;
/** Below this, milliseconds are microseconds exactly. */
const MAX_MILLIS = Math.floor(Number.MAX_SAFE_INTEGER / 1000) - 1;

/** An ASCII literal, for {@link ByteCursor.literal}. */
export interface Literal {
  readonly bytes: Uint8Array;
  /** The literal eight bytes at a time, the last eight overlapping; empty where it is shorter. */
  readonly words: Float64Array;
}

/** The literal of a text. */
export function ascii(text: string): Literal {
  const bytes = Uint8Array.from(Buffer.from(text, 'latin1'));
  const view = new DataView(bytes.buffer);
  const count = bytes.length < WORD ? 0 : Math.ceil(bytes.length / WORD);
  const words = Float64Array.from({ length: count }, (_, index) =>
    view.getFloat64(Math.min(index * WORD, bytes.length - WORD), true),
  );
  return { bytes, words };
}

/**
 * Walks over the bytes of one fixed layout without allocating. Every method returns whether (or what) it
 * read and moves on; after a failure the position means nothing, and the caller falls back to a full parse.
 * One cursor serves one scan at a time and is reused.
 */
export class ByteCursor {
  at = 0;
  /** What `decimal` read: `units` × 10^-`scale`, trailing zeros dropped. */
  units = 0;
  scale = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #offset = 0;
  /** Symbols seen before, by a hash of their bytes; bounded, a clash only costs a new string. */
  readonly #symbols: (string | undefined)[] = new Array<string | undefined>(SLOTS).fill(undefined);

  open(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    if (bytes.buffer !== this.#view.buffer) this.#view = new DataView(bytes.buffer);
    this.#offset = bytes.byteOffset;
    this.at = start;
    this.#end = end;
  }

  isAtEnd(): boolean {
    return this.at === this.#end;
  }

  /** The byte ahead; -1 at the end. */
  peek(): number {
    return this.at < this.#end ? (this.#bytes[this.at] ?? -1) : -1;
  }

  /**
   * Eight bytes of ASCII make a finite double that is not zero, so that two of them are equal only where
   * every byte is: four times as fast as byte by byte.
   */
  literal({ bytes: expected, words }: Literal): boolean {
    const { at } = this;
    const { length } = expected;
    if (at + length > this.#end) return false;
    const count = words.length;
    if (count === 0) {
      const bytes = this.#bytes;
      for (let index = 0; index < length; index += 1) {
        if (bytes[at + index] !== expected[index]) return false;
      }
    } else {
      const view = this.#view;
      const start = this.#offset + at;
      const last = count - 1;
      for (let index = 0; index < last; index += 1) {
        if (view.getFloat64(start + index * WORD, true) !== words[index]) return false;
      }
      if (view.getFloat64(start + length - WORD, true) !== words[last]) return false;
    }
    this.at = at + length;
    return true;
  }

  /** A JSON integer from 0 to 2^53 - 1; -1 where there is none. */
  integer(): number {
    const bytes = this.#bytes;
    const start = this.at;
    const end = Math.min(this.#end, start + 16);
    let at = start;
    let value = 0;
    while (at < end) {
      const digit = (bytes[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at += 1;
    }
    if (at === start || value > Number.MAX_SAFE_INTEGER) return -1;
    if (at - start > 1 && bytes[start] === ZERO) return -1;
    this.at = at;
    return value;
  }

  /** A plain decimal without sign and with at most 15 significant digits, into `units` and `scale`. */
  decimal(): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    const start = this.at;
    let at = start;
    let units = 0;
    let digits = 0;
    let point = -1;
    let zeros = 0;
    while (at < end) {
      const byte = bytes[at] ?? 0;
      if (byte === ZERO && point >= 0) {
        zeros += 1;
      } else if (byte >= ZERO && byte <= NINE) {
        while (zeros > 0) {
          units *= 10;
          digits += 1;
          zeros -= 1;
        }
        units = units * 10 + (byte - ZERO);
        digits += 1;
        if (digits > MAX_FAST_DIGITS) return false;
      } else if (byte === POINT && point < 0 && at > start) {
        point = at;
      } else {
        break;
      }
      at += 1;
    }
    if (at === start || point === at - 1) return false;
    if (point >= 0 && at - 1 - point > MAX_SCALE) return false;
    this.units = units;
    this.scale = point < 0 ? 0 : at - 1 - point - zeros;
    this.at = at;
    return true;
  }

  /** As `decimal`, but a JSON number: no zero before another digit. */
  jsonDecimal(): boolean {
    const next = this.#bytes[this.at + 1] ?? 0;
    if (this.peek() === ZERO && next >= ZERO && next <= NINE) return false;
    return this.decimal();
  }

  /** JSON milliseconds, whole or with exactly three decimals, in microseconds; -1 where there are none. */
  millisUs(): number {
    const whole = this.integer();
    if (whole < 0 || whole > MAX_MILLIS) return -1;
    if (this.peek() !== POINT) return whole * 1000;
    const bytes = this.#bytes;
    const { at } = this;
    if (at + 4 > this.#end) return -1;
    const a = (bytes[at + 1] ?? 0) - ZERO;
    const b = (bytes[at + 2] ?? 0) - ZERO;
    const c = (bytes[at + 3] ?? 0) - ZERO;
    if (a < 0 || a > 9 || b < 0 || b > 9 || c < 0 || c > 9) return -1;
    this.at = at + 4;
    return whole * 1000 + a * 100 + b * 10 + c;
  }

  /** Skips a JSON number as `millisUs` reads it, with or without a sign. */
  skipMillis(): boolean {
    if (this.peek() === MINUS) this.at += 1;
    return this.millisUs() >= 0;
  }

  /** ASCII capitals and digits up to the closing quote; the quote is left. Undefined for any other text. */
  symbol(): string | undefined {
    const bytes = this.#bytes;
    const end = Math.min(this.#end, this.at + 33);
    const start = this.at;
    let at = start;
    let hash = 0;
    while (at < end) {
      const byte = bytes[at] ?? 0;
      if (byte === 34) break;
      if (!((byte >= 65 && byte <= 90) || (byte >= ZERO && byte <= NINE))) return undefined;
      hash = (Math.imul(hash, 31) + byte) | 0;
      at += 1;
    }
    const length = at - start;
    if (at === end || length === 0) return undefined;
    this.at = at;
    const slot = hash & (SLOTS - 1);
    const seen = this.#symbols[slot];
    if (seen !== undefined && seen.length === length && this.#isText(seen, start)) return seen;
    let text = '';
    for (let index = start; index < at; index += 1) text += String.fromCharCode(bytes[index] ?? 0);
    this.#symbols[slot] = text;
    return text;
  }

  #isText(text: string, start: number): boolean {
    const bytes = this.#bytes;
    for (let index = 0; index < text.length; index += 1) {
      if (bytes[start + index] !== text.charCodeAt(index)) return false;
    }
    return true;
  }
}
