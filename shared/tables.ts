/** The names of the tables; dashboards, alarms and code take them from here. */
export const TABLES = {
  candles: 'candles',
  spreads: 'spreads',
  signals: 'signals',
  trades: 'trades',
  quotes: 'quotes',
  deadLetters: 'dead_letters',
} as const;

export type TableName = (typeof TABLES)[keyof typeof TABLES];

/** How long a table keeps rows in Timestream's two stores, and the kind of its records. */
export interface TableSpec {
  readonly name: TableName;
  readonly measureName: string;
  readonly memoryHours: number;
  readonly magneticDays: number;
}

export const TABLE_SPECS: readonly TableSpec[] = [
  { name: 'candles', measureName: 'candle', memoryHours: 24, magneticDays: 365 },
  { name: 'spreads', measureName: 'spread', memoryHours: 24, magneticDays: 365 },
  { name: 'signals', measureName: 'signal', memoryHours: 24, magneticDays: 365 },
  { name: 'trades', measureName: 'trade', memoryHours: 12, magneticDays: 7 },
  { name: 'quotes', measureName: 'quote', memoryHours: 12, magneticDays: 7 },
  { name: 'dead_letters', measureName: 'dead_letter', memoryHours: 24, magneticDays: 30 },
];
