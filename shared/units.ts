/** A point in event or wall time, in whole microseconds since 1970-01-01 UTC. */
export type Micros = number & { readonly unit?: 'us' };

/** A point in time or a length of it, in milliseconds; fractions carry microseconds. */
export type Millis = number & { readonly unit?: 'ms' };

/** A Binance spot symbol in upper case, such as `BTCUSDT`. */
export type MarketSymbol = string;

/** Microseconds of one second. */
export const SECOND_US = 1_000_000;
/** Microseconds of one minute. */
export const MINUTE_US = 60 * SECOND_US;
