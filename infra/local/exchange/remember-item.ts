import { parseDecimal, unitsAt } from '../../../shared/decimal.ts';
import type { Micros } from '../../../shared/units.ts';
import type { TimeUnit } from '../market/binance-json.ts';
import type { RecordedItem } from '../recordings/recorded-item.ts';
import type { RememberedEvent } from './recorded-events.ts';

/** Which REST answer an item of a recording belongs to, and what it says there. */
export interface RememberedItem {
  readonly answer: 'trades' | 'aggTrades' | 'klines';
  readonly event: RememberedEvent;
}

type Fields = Readonly<Record<string, unknown>>;

/** The REST form of a recorded trade, aggregate trade or closed candle; undefined for all else and for what is malformed. */
export function rememberItem(item: RecordedItem): RememberedItem | undefined {
  if (item.kind === 'rest-trade') {
    const fields = parseObject(item.bytes);
    const id = whole(fields?.id);
    if (id === undefined) return undefined;
    const text = item.bytes.toString();
    return { answer: 'trades', event: { id, timeUs: item.receivedUs, text: () => text } };
  }
  if (item.kind === 'rest-kline') {
    const value = parse(item.bytes);
    const opened = Array.isArray(value) ? whole(value[0]) : undefined;
    if (opened === undefined) return undefined;
    const text = item.bytes.toString();
    return { answer: 'klines', event: { id: micros(opened), timeUs: micros(opened), text: () => text } };
  }
  if (item.kind !== 'frame' || item.stream === 'bookTicker') return undefined;
  const data = asObject(parseObject(item.bytes)?.data);
  if (data === undefined) return undefined;
  switch (item.stream) {
    case 'trade':
      return rememberTrade(data);
    case 'aggTrade':
      return rememberAggTrade(data);
    case 'kline_1m':
      return rememberKline(data);
  }
}

function rememberTrade(data: Fields): RememberedItem | undefined {
  const id = whole(data.t);
  const traded = whole(data.T);
  const { p, q, m } = data;
  if (id === undefined || traded === undefined || typeof p !== 'string' || typeof q !== 'string')
    return undefined;
  const value = product(p, q);
  if (value === undefined) return undefined;
  const timeUs = micros(traded);
  const text = (unit: TimeUnit): string =>
    JSON.stringify({
      id,
      price: p,
      qty: q,
      quoteQty: value,
      time: inUnit(timeUs, unit),
      isBuyerMaker: m,
      isBestMatch: true,
    });
  return { answer: 'trades', event: { id, timeUs, text } };
}

function rememberAggTrade(data: Fields): RememberedItem | undefined {
  const id = whole(data.a);
  const traded = whole(data.T);
  if (id === undefined || traded === undefined) return undefined;
  const timeUs = micros(traded);
  const { p, q, f, l, m, M } = data;
  const text = (unit: TimeUnit): string =>
    JSON.stringify({ a: id, p, q, f, l, T: inUnit(timeUs, unit), m, M });
  return { answer: 'aggTrades', event: { id, timeUs, text } };
}

function rememberKline(data: Fields): RememberedItem | undefined {
  const kline = asObject(data.k);
  const opened = whole(kline?.t);
  const closes = whole(kline?.T);
  if (kline === undefined || kline.x !== true || opened === undefined || closes === undefined)
    return undefined;
  const openUs = micros(opened);
  const closeUs = micros(closes);
  const { o, h, l, c, v, q, n, V, Q } = kline;
  const text = (unit: TimeUnit): string =>
    JSON.stringify([inUnit(openUs, unit), o, h, l, c, v, inUnit(closeUs, unit), q, n, V, Q, '0']);
  return { answer: 'klines', event: { id: openUs, timeUs: openUs, text } };
}

/** Price times quantity with the eight digits that the exchange writes, or more where they are needed. */
function product(price: string, quantity: string): string | undefined {
  const left = parseDecimal(price);
  const right = parseDecimal(quantity);
  if (left === undefined || right === undefined) return undefined;
  const scale = Math.max(8, left.scale + right.scale);
  const units =
    unitsAt(left, left.scale) * unitsAt(right, right.scale) * 10n ** BigInt(scale - left.scale - right.scale);
  const digits = units.toString().padStart(scale + 1, '0');
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function inUnit(timeUs: Micros, unit: TimeUnit): number {
  return unit === 'us' ? timeUs : Math.floor(timeUs / 1000);
}

/** Times from 10^14 on are microseconds already. */
function micros(time: number): Micros {
  return time >= 100_000_000_000_000 ? time : time * 1000;
}

function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function parseObject(bytes: Buffer): Fields | undefined {
  return asObject(parse(bytes));
}

function asObject(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}
