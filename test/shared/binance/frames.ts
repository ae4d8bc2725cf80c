import type { RawOutcome, RawRecord } from '../../../shared/binance/raw-record.ts';
import { readRawRecord } from '../../../shared/binance/read-raw-record.ts';
import { DEFAULT_VALIDATION_RULES, type ValidationRules } from '../../../shared/binance/validation-rules.ts';
import { encodeRawHeader, parseRawHeader } from '../../../shared/events/raw-header.ts';
import type { Source } from '../../../shared/events/source.ts';

/** The receipt of every record that these tests make, and the exchange's time just before it. */
export const RECEIVED_US = 1_723_161_254_087_897;
export const TIME_MS = 1_723_161_255_342;

export const tradeData = {
  e: 'trade',
  E: TIME_MS + 1,
  s: 'BTCUSDT',
  t: 3_735_683_259,
  p: '61837.63000000',
  q: '0.02000000',
  T: TIME_MS,
  m: true,
  M: true,
};

export const aggTradeData = {
  e: 'aggTrade',
  E: TIME_MS + 1,
  s: 'BTCUSDT',
  a: 665_076_760,
  p: '58001.03000000',
  q: '0.08620500',
  f: 745_522_877,
  l: 745_522_879,
  T: TIME_MS,
  m: true,
  M: true,
};

export const quoteData = {
  u: 50_093_239_212,
  s: 'BTCUSDT',
  b: '61837.63000000',
  B: '3.78826000',
  a: '61837.64000000',
  A: '1.54698000',
};

export const klineFigures = {
  t: 1_723_161_240_000,
  T: 1_723_161_299_999,
  s: 'BTCUSDT',
  i: '1m',
  f: 100,
  L: 170,
  o: '2063.88000000',
  c: '2064.73000000',
  h: '2065.00000000',
  l: '2063.88000000',
  v: '70.86425000',
  n: 71,
  x: true,
  q: '146321.71560700',
  V: '46.98201000',
  Q: '97009.77617410',
  B: '0',
};

export const klineData = { e: 'kline', E: 1_723_161_300_013, s: 'BTCUSDT', k: klineFigures };

export const restTrade = {
  id: 423_831_297,
  price: '10683.02000000',
  qty: '0.01247400',
  quoteQty: '133.25999148',
  time: 1_601_215_442_197,
  isBuyerMaker: true,
  isBestMatch: true,
};

export const restAggTrade = {
  a: 26_129,
  p: '0.01633102',
  q: '4.70443515',
  f: 27_781,
  l: 27_781,
  T: 1_601_215_442_197,
  m: true,
  M: true,
};

export const restKline = [
  1_601_215_200_000,
  '10676.37000000',
  '10680.07000000',
  '10670.88000000',
  '10672.58000000',
  '30.28323900',
  1_601_215_259_999,
  '323313.75557049',
  416,
  '16.46237600',
  '175777.96930765',
  '0',
];

/** A combined-stream frame as the exchange sends it. */
export function combined(
  type: string,
  data: { readonly s?: string; readonly [name: string]: unknown },
): string {
  return JSON.stringify({ stream: `${(data.s ?? '').toLowerCase()}@${type}`, data });
}

/** A raw record around a value; without `source` its header is missing. */
export function rawRecord(
  value: string | Uint8Array,
  options: { key?: string | null; source?: Source; receivedUs?: number; timestampMs?: number } = {},
): RawRecord {
  const { key = 'BTCUSDT', source = 'live', receivedUs = RECEIVED_US, timestampMs = 1 } = options;
  const header = encodeRawHeader({ receivedUs, connection: 't0-1', source, frame: 7 });
  return {
    value: typeof value === 'string' ? Buffer.from(value) : value,
    key,
    header: parseRawHeader(header),
    raw: { partition: 2, offset: 15 },
    timestampMs,
  };
}

/** What validation says of a value. */
export function read(
  value: unknown,
  options: Parameters<typeof rawRecord>[1] = {},
  rules: ValidationRules = DEFAULT_VALIDATION_RULES,
): RawOutcome {
  const bytes = typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value);
  return readRawRecord(rawRecord(bytes, options), rules);
}
