import { ascii, ByteCursor, type Literal } from '../byte-cursor.ts';
import { compareDecimal, type Decimal } from '../decimal.ts';
import { exchangeTimeUs } from './exchange-time.ts';
import type { Accepted, ReadContext } from './raw-record.ts';
import { MAX_FIGURE_SCALE } from './validation-rules.ts';

const STREAM = ascii('{"stream":"');
const TRADE = ascii('@trade","data":{"e":"trade","E":');
const BOOK_TICKER = ascii('@bookTicker","data":{"u":');
const SYMBOL = ascii(',"s":"');
const TRADE_ID = ascii('","t":');
const PRICE = ascii(',"p":"');
const QUANTITY = ascii('","q":"');
const BUYER_ORDER = ascii('","b":');
const SELLER_ORDER = ascii(',"a":');
const OLD_TIME = ascii(',"T":');
const TIME = ascii('","T":');
const TRUE_END = ascii(',"m":true,"M":');
const FALSE_END = ascii(',"m":false,"M":');
const BEST_TRUE = ascii('true}}');
const BEST_FALSE = ascii('false}}');
const BID = ascii('","b":"');
const BID_QUANTITY = ascii('","B":"');
const ASK = ascii('","a":"');
const ASK_QUANTITY = ascii('","A":"');
const END = ascii('"}}');

const cursor = new ByteCursor();

/**
 * Reads the usual layouts of combined `trade` (now and before June 2024) and `bookTicker` frames straight
 * from their bytes. Undefined for any other layout and wherever a rule might be broken: the full parse then
 * decides and names the reason. Where it returns an event, the full parse returns the same.
 */
export function scanFrame(bytes: Uint8Array, context: ReadContext): Accepted | undefined {
  const { key } = context;
  if (key === null || context.rules.symbols?.has(key) === false) return undefined;
  cursor.open(bytes, 0, bytes.length);
  // The key is the symbol of a valid frame, so the stream can only be its lower case.
  if (!cursor.literal(STREAM) || !isLowerOf(bytes, cursor.at, key)) return undefined;
  cursor.at += key.length;
  const start = cursor.at;
  if (cursor.literal(TRADE)) return scanTrade(key, context);
  cursor.at = start;
  return cursor.literal(BOOK_TICKER) ? scanBookTicker(key, context) : undefined;
}

function scanTrade(key: string, context: ReadContext): Accepted | undefined {
  const eventTimeUs = scanTime(context);
  if (eventTimeUs < 0 || !cursor.literal(SYMBOL) || cursor.symbol() !== key) return undefined;
  if (!cursor.literal(TRADE_ID)) return undefined;
  const tradeId = cursor.integer();
  const price = tradeId < 0 ? undefined : scanFigure(PRICE);
  const quantity = price && scanFigure(QUANTITY);
  if (price === undefined || quantity === undefined) return undefined;
  if (!cursor.literal(TIME)) {
    if (!cursor.literal(BUYER_ORDER) || cursor.integer() < 0) return undefined;
    if (!cursor.literal(SELLER_ORDER) || cursor.integer() < 0 || !cursor.literal(OLD_TIME)) return undefined;
  }
  const tradeTimeUs = scanTime(context);
  if (tradeTimeUs < 0) return undefined;
  const isBuyerMaker = cursor.literal(TRUE_END);
  if (!isBuyerMaker && !cursor.literal(FALSE_END)) return undefined;
  if (!(cursor.literal(BEST_TRUE) || cursor.literal(BEST_FALSE)) || !cursor.isAtEnd()) return undefined;
  const { receivedUs, source, raw } = context;
  return {
    kind: 'event',
    event: {
      kind: 'trade',
      symbol: key,
      tradeId,
      price,
      quantity,
      tradeTimeUs,
      eventTimeUs,
      isBuyerMaker,
      receivedUs,
      source,
      raw,
    },
    unknownFields: 0,
  };
}

function scanBookTicker(key: string, context: ReadContext): Accepted | undefined {
  const updateId = cursor.integer();
  if (updateId < 0 || !cursor.literal(SYMBOL) || cursor.symbol() !== key) return undefined;
  const bid = scanFigure(BID);
  const bidQuantity = bid && scanFigure(BID_QUANTITY);
  const ask = bidQuantity && scanFigure(ASK);
  const askQuantity = ask && scanFigure(ASK_QUANTITY);
  if (bid === undefined || bidQuantity === undefined || ask === undefined || askQuantity === undefined) {
    return undefined;
  }
  if (!cursor.literal(END) || !cursor.isAtEnd() || compareDecimal(bid, ask) > 0) return undefined;
  const { receivedUs, source, raw } = context;
  return {
    kind: 'event',
    event: {
      kind: 'quote',
      symbol: key,
      updateId,
      bid,
      bidQuantity,
      ask,
      askQuantity,
      receivedUs,
      source,
      raw,
    },
    unknownFields: 0,
  };
}

/** A price or quantity above zero after `name`; undefined where it is none or has too many digits. */
function scanFigure(name: Literal): Decimal | undefined {
  if (!cursor.literal(name) || !cursor.decimal()) return undefined;
  const { units, scale } = cursor;
  return units > 0 && scale <= MAX_FIGURE_SCALE ? { units, scale } : undefined;
}

/** A time that is sane against the receipt, in microseconds; -1 where it is not. */
function scanTime(context: ReadContext): number {
  const timeUs = exchangeTimeUs(cursor.integer());
  if (timeUs === undefined) return -1;
  return Math.abs(timeUs - context.receivedUs) <= context.rules.maxTimeOffUs ? timeUs : -1;
}

function isLowerOf(bytes: Uint8Array, at: number, symbol: string): boolean {
  for (let index = 0; index < symbol.length; index += 1) {
    const code = symbol.charCodeAt(index);
    if (bytes[at + index] !== (code >= 65 && code <= 90 ? code + 32 : code)) return false;
  }
  return true;
}
