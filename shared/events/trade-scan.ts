import { MIN_PLAUSIBLE_US } from '../binance/exchange-time.ts';
import { MAX_FIGURE_SCALE } from '../binance/validation-rules.ts';
import { ascii, ByteCursor } from '../byte-cursor.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import { scanOrigin } from './origin-scan.ts';
import type { Source } from './source.ts';

/** A trade as the fold reads it: one record, reused for every trade, so that reading allocates nothing. */
export interface TradeScan {
  symbol: MarketSymbol;
  tradeId: number;
  /** The price is `priceUnits` × 10^-`priceScale`, without trailing zeros; at most 15 digits. */
  priceUnits: number;
  priceScale: number;
  quantityUnits: number;
  quantityScale: number;
  tradeTimeUs: Micros;
  /** -1 where there is none. */
  eventTimeUs: Micros;
  receivedUs: Micros;
  isBuyerMaker: boolean;
  source: Source;
  rawPartition: number;
  rawOffset: number;
}

/** A record for {@link scanTrade} to fill. */
export function newTradeScan(): TradeScan {
  return {
    symbol: '',
    tradeId: 0,
    priceUnits: 0,
    priceScale: 0,
    quantityUnits: 0,
    quantityScale: 0,
    tradeTimeUs: 0,
    eventTimeUs: -1,
    receivedUs: 0,
    isBuyerMaker: false,
    source: 'live',
    rawPartition: 0,
    rawOffset: 0,
  };
}

const START = ascii('{"event_type":"trade","event_time_ms":');
const NULL = ascii('null');
const SYMBOL = ascii(',"symbol":"');
const TRADE_ID = ascii('","trade_id":');
const PRICE = ascii(',"price":');
const QUANTITY = ascii(',"quantity":');
const TRADE_TIME = ascii(',"trade_time_ms":');
const BUYER = ascii(',"is_buyer_maker":true,"ingestion_time_ms":');
const SELLER = ascii(',"is_buyer_maker":false,"ingestion_time_ms":');
const LATENCY = ascii(',"latency_ms":');

const LETTER_N = 110;
const cursor = new ByteCursor();

/**
 * Reads a validated trade from `bytes[start, end)` into `into`: the hot path of the fold. False for any
 * layout but `encodeTrade`'s, for a figure of more than 15 digits and for a value that no trade has; `into`
 * is then of no use, and the caller reads the bytes with `parseEvent`.
 */
export function scanTrade(bytes: Uint8Array, start: number, end: number, into: TradeScan): boolean {
  cursor.open(bytes, start, end);
  if (!cursor.literal(START)) return false;
  const hasEventTime = cursor.peek() !== LETTER_N;
  if (hasEventTime) {
    into.eventTimeUs = cursor.millisUs();
    if (into.eventTimeUs < MIN_PLAUSIBLE_US) return false;
  } else {
    into.eventTimeUs = -1;
    if (!cursor.literal(NULL)) return false;
  }
  if (!cursor.literal(SYMBOL)) return false;
  const symbol = cursor.symbol();
  if (symbol === undefined || !cursor.literal(TRADE_ID)) return false;
  into.symbol = symbol;
  into.tradeId = cursor.integer();
  if (into.tradeId < 0 || !cursor.literal(PRICE) || !scanFigure()) return false;
  into.priceUnits = cursor.units;
  into.priceScale = cursor.scale;
  if (!cursor.literal(QUANTITY) || !scanFigure()) return false;
  into.quantityUnits = cursor.units;
  into.quantityScale = cursor.scale;
  if (!cursor.literal(TRADE_TIME)) return false;
  into.tradeTimeUs = cursor.millisUs();
  if (into.tradeTimeUs < MIN_PLAUSIBLE_US) return false;
  into.isBuyerMaker = cursor.literal(BUYER);
  if (!into.isBuyerMaker && !cursor.literal(SELLER)) return false;
  into.receivedUs = cursor.millisUs();
  if (into.receivedUs < MIN_PLAUSIBLE_US || !cursor.literal(LATENCY)) return false;
  if (!(hasEventTime ? cursor.skipMillis() : cursor.literal(NULL))) return false;
  return scanOrigin(cursor, into);
}

/** A price or a quantity: above zero, with no more digits after the point than validation allows. */
function scanFigure(): boolean {
  return cursor.jsonDecimal() && cursor.units > 0 && cursor.scale <= MAX_FIGURE_SCALE;
}
