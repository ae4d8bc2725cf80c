import { type Decimal, parseDecimal } from '../decimal.ts';
import { type ReasonCode, type Refused, refuse, shown } from '../events/reasons.ts';
import type { Micros } from '../units.ts';
import { exchangeTimeUs, microsOfMillis } from './exchange-time.ts';
import { MAX_FIGURE_SCALE, MAX_WHOLE_DIGITS } from './validation-rules.ts';

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a JSON value is an object, neither null nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NO_DECIMAL: Decimal = { units: 0, scale: 0 };
const WHOLE_LIMIT = 10n ** BigInt(MAX_WHOLE_DIGITS);
const ANY_PLAIN = /^-?\d+(?:\.\d+)?$/;

/**
 * Reads the fields of one JSON object. The first rule that is broken stands in `refusal`, and every
 * later value is a placeholder; a reader looks at `refusal` once, at its end.
 */
export class FieldReader {
  refusal: Refused | undefined;
  readonly #object: JsonObject;

  constructor(object: JsonObject) {
    this.#object = object;
  }

  /** Keeps the first refusal. */
  refuse(reason: ReasonCode, detail: string): void {
    this.refusal ??= refuse(reason, detail);
  }

  /** How many fields are not among the known ones. */
  unknown(known: ReadonlySet<string>): number {
    let count = 0;
    for (const name in this.#object) if (!known.has(name)) count += 1;
    return count;
  }

  text(name: string): string {
    const value = this.#present(name);
    if (typeof value === 'string') return value;
    this.#wrongType(name, value, 'text');
    return '';
  }

  flag(name: string): boolean {
    const value = this.#present(name);
    if (typeof value === 'boolean') return value;
    this.#wrongType(name, value, 'true or false');
    return false;
  }

  /** A whole number from `least` to 2^53 - 1. */
  id(name: string, least = 0): number {
    const value = this.#number(name);
    if (Number.isSafeInteger(value) && value >= least) return value + 0;
    this.refuse('ID_INVALID', `\`${name}\` is ${shown(value)}.`);
    return 0;
  }

  /** A time of the exchange, milliseconds or microseconds by magnitude. */
  timeUs(name: string): Micros {
    const value = this.#number(name);
    const time = exchangeTimeUs(value);
    if (time !== undefined) return time;
    this.refuse('TIME_INVALID', `\`${name}\` is ${shown(value)}.`);
    return 0;
  }

  /** Milliseconds with decimals, as our own events carry them. */
  millisUs(name: string): Micros {
    const value = this.#number(name);
    const time = microsOfMillis(value);
    if (time !== undefined) return time;
    this.refuse('TIME_INVALID', `\`${name}\` is ${shown(value)}.`);
    return 0;
  }

  /** A price or a quantity: decimal text above zero. */
  positive(name: string): Decimal {
    const value = this.decimal(name, MAX_FIGURE_SCALE);
    if (value.units <= 0) this.refuse('NOT_POSITIVE', `\`${name}\` is ${shown(this.#object[name])}.`);
    return value;
  }

  /** A sum: decimal text, zero or above. */
  amount(name: string, maxScale: number): Decimal {
    const value = this.decimal(name, maxScale);
    if (value.units < 0) this.refuse('NEGATIVE_AMOUNT', `\`${name}\` is ${shown(this.#object[name])}.`);
    return value;
  }

  /** Decimal text with at most `maxScale` digits after the point, trailing zeros aside. */
  decimal(name: string, maxScale: number): Decimal {
    const text = this.text(name);
    if (this.refusal !== undefined) return NO_DECIMAL;
    const value = parseDecimal(text);
    if (value === undefined) {
      this.refuse(
        ANY_PLAIN.test(text) ? 'TOO_MANY_DIGITS' : 'NOT_A_DECIMAL',
        `\`${name}\` is ${shown(text)}.`,
      );
      return NO_DECIMAL;
    }
    if (value.scale > maxScale || isTooLong(value)) {
      this.refuse('TOO_MANY_DIGITS', `\`${name}\` is ${shown(text)}.`);
    }
    return value;
  }

  #number(name: string): number {
    const value = this.#present(name);
    if (typeof value === 'number') return value;
    this.#wrongType(name, value, 'a number');
    return 0;
  }

  #present(name: string): unknown {
    const value = this.#object[name];
    if (value === undefined) this.refuse('MISSING_FIELD', `It is \`${name}\`.`);
    return value;
  }

  #wrongType(name: string, value: unknown, wanted: string): void {
    this.refuse('WRONG_TYPE', `\`${name}\` is ${shown(value)}, not ${wanted}.`);
  }
}

/** Whether there are too many digits before the point; a number's 2^53 never has. */
function isTooLong(value: Decimal): boolean {
  if (typeof value.units === 'number') return false;
  const size = value.units < 0n ? -value.units : value.units;
  return size >= WHOLE_LIMIT * 10n ** BigInt(value.scale);
}
