/**
 * The limits of Timestream for LiveAnalytics.
 * Source: https://docs.aws.amazon.com/timestream/latest/developerguide/ts-limits.html
 */
export const LIMITS = {
  recordsPerCall: 100,
  recordBytes: 2048,
  dimensionsPerTable: 128,
  dimensionNameBytes: 60,
  dimensionPairsBytes: 2048,
  measureNameBytes: 256,
  measureNamesPerTable: 8192,
  measuresPerRecord: 256,
  measuresPerTable: 1024,
  futureMs: 15 * 60_000,
  memoryHoursMost: 8766,
  memoryHoursDefault: 6,
  magneticDaysMost: 73_000,
  magneticDaysDefault: 73_000,
  databases: 500,
  tables: 50_000,
  queryBytes: 262_144,
  rowsPerPage: 1000,
} as const;

/** Bytes of a text in UTF-8. */
export function bytesOf(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
