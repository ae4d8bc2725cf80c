import type { Micros } from '../units.ts';

/** What validation depends on beside the record; ingest and validate apply the same. */
export interface ValidationRules {
  /** The symbols that are watched; undefined allows every one (a replay without `--symbols`). */
  readonly symbols: ReadonlySet<string> | undefined;
  /**
   * How far an event's time may be from its receipt. What came over REST may be as old as it likes.
   * @default one hour
   */
  readonly maxTimeOffUs: Micros;
}

/** Every symbol, and an hour between event and receipt. */
export const DEFAULT_VALIDATION_RULES: ValidationRules = { symbols: undefined, maxTimeOffUs: 3_600_000_000 };

/** Digits after the point of a price or a quantity: the exchange gives 8, and their product keeps 16. */
export const MAX_FIGURE_SCALE = 8;

/** Digits before the point that a figure may have. */
export const MAX_WHOLE_DIGITS = 18;
