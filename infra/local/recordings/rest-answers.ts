import { CodedError } from '../../../shared/coded-error.ts';
import { type JsonElement, JsonElements } from '../../../shared/json-elements.ts';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import { isWatched, type ReadContext, type Reader } from './read-context.ts';
import type { RecordedItem } from './recorded-item.ts';

const MINUTE_MS = 60_000;

/** The two kinds of REST answers that can be read. */
export type RestAnswer = 'trades' | 'klines';

/** What a REST file's name tells: `btcusdt-trades.json`, `trades.json`, `klines-1m.json`. */
export function parseRestFileName(
  name: string,
): { readonly answer: RestAnswer; readonly symbol: MarketSymbol | undefined } | undefined {
  const match = /^(?:([a-z0-9]+)[-_])?(trades|klines)(?:[-_.].*)?\.json(?:\.gz)?$/i.exec(name);
  if (match === null) return undefined;
  return {
    answer: match[2]?.toLowerCase() === 'klines' ? 'klines' : 'trades',
    symbol: match[1]?.toUpperCase(),
  };
}

/** Reads `GET /api/v3/trades` or `historicalTrades` as it was answered: one item for each trade. */
export const readRestTrades: Reader = (chunks, context) =>
  readElements(chunks, context, (symbol, element, bytes, place) => {
    if (typeof element !== 'object' || element === null) return undefined;
    const time: unknown = 'time' in element ? element.time : undefined;
    if (!isTime(time)) return undefined;
    if (!isWatched(context.watched, symbol, 'trade')) {
      return { kind: 'skipped', place, stream: `${symbol.toLowerCase()}@trade` };
    }
    return { kind: 'rest-trade', place, receivedUs: micros(time), symbol, bytes };
  });

/** Reads `GET /api/v3/klines` as it was answered: one item for each one-minute kline. */
export const readRestKlines: Reader = (chunks, context) =>
  readElements(chunks, context, (symbol, element, bytes, place) => {
    if (!Array.isArray(element)) return undefined;
    const openTime: unknown = element[0];
    const closeTime: unknown = element[6];
    if (!isTime(openTime) || !isTime(closeTime)) return undefined;
    const endUs = closeTime >= MICROS_FROM ? closeTime + 1 : (closeTime + 1) * 1000;
    const lengthMs = (endUs - micros(openTime)) / 1000;
    if (lengthMs !== MINUTE_MS || !isWatched(context.watched, symbol, 'kline_1m')) {
      const interval = lengthMs === MINUTE_MS ? '1m' : `${lengthMs}ms`;
      return { kind: 'skipped', place, stream: `${symbol.toLowerCase()}@kline_${interval}` };
    }
    return { kind: 'rest-kline', place, receivedUs: endUs, symbol, bytes };
  });

type ReadElement = (
  symbol: MarketSymbol,
  element: unknown,
  bytes: Buffer,
  place: RecordedItem['place'],
) => RecordedItem | undefined;

async function* readElements(
  chunks: AsyncIterable<Buffer>,
  context: ReadContext,
  read: ReadElement,
): AsyncGenerator<RecordedItem[]> {
  const { symbol, file } = context;
  if (symbol === undefined) {
    throw new CodedError(
      'RECORDING_SYMBOL_UNKNOWN',
      `${file} names no symbol: a REST answer carries none. Name the file after it, such as btcusdt-trades.json, or give --symbols with that one symbol.`,
      { data: { file } },
    );
  }
  const elements = new JsonElements();
  let lastUs = context.startUs;
  const item = (element: JsonElement): RecordedItem => {
    const place = { file, line: element.index };
    const value = element.ended ? parse(element.bytes) : undefined;
    const found = value === undefined ? undefined : read(symbol, value, element.bytes, place);
    if (found !== undefined) {
      if ('receivedUs' in found) lastUs = found.receivedUs;
      return found;
    }
    const error = `${file}, element ${element.index}: ${element.ended ? 'it is not a trade or kline of the REST API' : 'the file ends inside it'}`;
    return { kind: 'unreadable', place, receivedUs: lastUs, bytes: element.bytes, error };
  };
  for await (const chunk of chunks) {
    const items = elements.push(chunk).map(item);
    if (items.length > 0) yield items;
  }
  if (!elements.closed) context.onCut('the JSON array is not closed');
  const last = elements.end();
  if (last !== undefined) yield [item(last)];
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** From here on a number is a time in microseconds, below it in milliseconds: the year 5138 and 1973. */
const MICROS_FROM = 100_000_000_000_000;

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function micros(time: number): Micros {
  return time >= MICROS_FROM ? time : time * 1000;
}
