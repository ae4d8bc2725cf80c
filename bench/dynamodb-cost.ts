/** What a stretch of work did to the state table. */
export interface StateUse {
  /** Write units: one per started KB of an item, its attribute names and keys included. */
  readonly writeUnits: number;
  /** Read units: one per started 4 KB of a consistent read. */
  readonly readUnits: number;
  /** Bytes that are kept at its end. */
  readonly storedBytes: number;
}

/** Prices in US dollars, on demand. */
export interface DynamodbPrices {
  readonly perMillionWrites: number;
  readonly perMillionReads: number;
  readonly perGbMonth: number;
  readonly source: string;
}

/**
 * On-demand prices of DynamoDB's standard tables in us-east-1. Unverified: taken from memory of the page, to be
 * checked there before they are relied on.
 */
export const DYNAMODB_PRICES: DynamodbPrices = {
  perMillionWrites: 0.625,
  perMillionReads: 0.125,
  perGbMonth: 0.25,
  source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
};

/** Hours of a month as AWS counts them. */
export const MONTH_HOURS = 730;
/** Days that an archive block is kept. */
const KEPT_HOURS = 7 * 24;

/** The write units of an item of so many bytes. */
export function writeUnitsOf(itemBytes: number): number {
  return Math.max(1, Math.ceil(itemBytes / 1_024));
}

/** The read units of a consistent read of an item of so many bytes. */
export function readUnitsOf(itemBytes: number): number {
  return Math.max(1, Math.ceil(itemBytes / 4_096));
}

/** Dollars a month for a symbol whose every hour is like the measured one. */
export function monthlyCost(hour: StateUse, prices: DynamodbPrices): number {
  const writes = (hour.writeUnits * MONTH_HOURS * prices.perMillionWrites) / 1_000_000;
  const reads = (hour.readUnits * MONTH_HOURS * prices.perMillionReads) / 1_000_000;
  const storage = ((hour.storedBytes * KEPT_HOURS) / 2 ** 30) * prices.perGbMonth;
  return writes + reads + storage;
}
