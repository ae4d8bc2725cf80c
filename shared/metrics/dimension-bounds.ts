import type { MarketSymbol } from '../units.ts';
import type { DimensionName } from './metric-catalogue.ts';

/** The value that stands for all that have no value of their own. */
export const OTHER = 'other';

/** Symbols with metrics and alarms of their own; the rest share `other`. */
export const MAX_SYMBOLS = 20;

const MAX_VALUES = 50;

/**
 * The symbols that have metrics and alarms of their own: the first 20 of those that CloudWatch can write (a few
 * of the exchange's symbols have Chinese letters, and its names are ASCII).
 */
export function symbolsOfTheirOwn(symbols: readonly MarketSymbol[]): readonly MarketSymbol[] {
  return symbols.filter((symbol) => /^[A-Z0-9._-]+$/.test(symbol)).slice(0, MAX_SYMBOLS);
}

/**
 * Keeps the number of metrics bounded, whatever the market or a broken producer sends: each distinct dimension
 * value is a metric that costs money. The first 20 watched symbols have their own, every other dimension its first
 * 50 values; what comes after counts as `other`.
 */
export class DimensionBounds {
  readonly #seen = new Map<DimensionName, Set<string>>();

  constructor(symbols: readonly MarketSymbol[]) {
    this.#seen.set('Symbol', new Set(symbolsOfTheirOwn(symbols)));
  }

  /** The value to publish under. */
  bound(name: DimensionName, value: string): string {
    const seen = this.#seen.get(name) ?? new Set();
    this.#seen.set(name, seen);
    if (seen.has(value)) return value;
    if (name === 'Symbol' || seen.size >= MAX_VALUES || !/^[\w.-]{1,100}$/.test(value)) return OTHER;
    seen.add(value);
    return value;
  }
}
