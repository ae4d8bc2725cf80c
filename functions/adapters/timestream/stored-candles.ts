import type { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import { runQuery } from './query.ts';

/** A row of table `candles` as the store holds it: its measures by name, null where one is missing. */
export interface CandleValues {
  readonly symbol: MarketSymbol;
  readonly resolution: string;
  /** The window's start, in nanoseconds since 1970. */
  readonly timeNs: string;
  readonly values: Readonly<Record<string, unknown>>;
}

const NOT_MEASURES: ReadonlySet<string> = new Set(['symbol', 'resolution', 'time', 'measure_name']);

/** Which candles to read; times are of the window's start. */
export interface CandleRange {
  /** Left out, all symbols. */
  readonly symbol?: MarketSymbol;
  readonly fromUs: Micros;
  /** Exclusive. */
  readonly toUs: Micros;
}

/** The candles of a range, ordered by symbol, resolution and time. */
export async function storedCandles(
  client: Pick<TimestreamQueryClient, 'send'>,
  database: string,
  range: CandleRange,
): Promise<readonly CandleValues[]> {
  const conditions = [
    `time >= from_milliseconds(${Math.floor(range.fromUs / 1_000)})`,
    `time < from_milliseconds(${Math.ceil(range.toUs / 1_000)})`,
    ...(range.symbol === undefined ? [] : [`symbol = '${range.symbol.replaceAll("'", "''")}'`]),
  ];
  const { columns, rows } = await runQuery(
    client,
    `SELECT * FROM "${database}"."candles" WHERE ${conditions.join(' AND ')} ORDER BY symbol, resolution, time`,
  );
  return rows.map((row) => {
    const values = Object.fromEntries(columns.map(({ name }, at) => [name, row[at]]));
    return {
      symbol: String(values.symbol),
      resolution: String(values.resolution),
      timeNs: nanosecondsOf(String(values.time)),
      values: Object.fromEntries(Object.entries(values).filter(([name]) => !NOT_MEASURES.has(name))),
    };
  });
}

/** `2024-08-08 23:55:00.000000000` as nanoseconds since 1970. */
export function nanosecondsOf(time: string): string {
  const [date = '', fraction = ''] = time.split('.');
  const seconds = Date.parse(`${date.replace(' ', 'T')}Z`) / 1_000;
  return `${BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9))}`;
}
