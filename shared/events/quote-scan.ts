import { MIN_PLAUSIBLE_US } from '../binance/exchange-time.ts';
import { MAX_FIGURE_SCALE } from '../binance/validation-rules.ts';
import { ascii, ByteCursor, type Literal } from '../byte-cursor.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import { scanOrigin } from './origin-scan.ts';
import type { Source } from './source.ts';

/** A quote as the fold reads it: one record, reused for every quote. Figures are units × 10^-scale. */
export interface QuoteScan {
  symbol: MarketSymbol;
  updateId: number;
  bidUnits: number;
  bidScale: number;
  bidQuantityUnits: number;
  bidQuantityScale: number;
  askUnits: number;
  askScale: number;
  askQuantityUnits: number;
  askQuantityScale: number;
  receivedUs: Micros;
  source: Source;
  rawPartition: number;
  rawOffset: number;
}

/** A record for {@link scanQuote} to fill. */
export function newQuoteScan(): QuoteScan {
  return {
    symbol: '',
    updateId: 0,
    bidUnits: 0,
    bidScale: 0,
    bidQuantityUnits: 0,
    bidQuantityScale: 0,
    askUnits: 0,
    askScale: 0,
    askQuantityUnits: 0,
    askQuantityScale: 0,
    receivedUs: 0,
    source: 'live',
    rawPartition: 0,
    rawOffset: 0,
  };
}

const START = ascii('{"event_type":"quote","symbol":"');
const UPDATE_ID = ascii('","update_id":');
const BID = ascii(',"bid":');
const BID_QUANTITY = ascii(',"bid_quantity":');
const ASK = ascii(',"ask":');
const ASK_QUANTITY = ascii(',"ask_quantity":');
const INGESTION_TIME = ascii(',"ingestion_time_ms":');

const cursor = new ByteCursor();

/**
 * Reads a validated quote from `bytes[start, end)` into `into`. False for any layout but `encodeQuote`'s and
 * for a figure of more than 15 digits; the caller then reads the bytes with `parseEvent`.
 */
export function scanQuote(bytes: Uint8Array, start: number, end: number, into: QuoteScan): boolean {
  cursor.open(bytes, start, end);
  if (!cursor.literal(START)) return false;
  const symbol = cursor.symbol();
  if (symbol === undefined || !cursor.literal(UPDATE_ID)) return false;
  into.symbol = symbol;
  into.updateId = cursor.integer();
  if (into.updateId < 0 || !scanFigure(BID)) return false;
  into.bidUnits = cursor.units;
  into.bidScale = cursor.scale;
  if (!scanFigure(BID_QUANTITY)) return false;
  into.bidQuantityUnits = cursor.units;
  into.bidQuantityScale = cursor.scale;
  if (!scanFigure(ASK)) return false;
  into.askUnits = cursor.units;
  into.askScale = cursor.scale;
  if (!scanFigure(ASK_QUANTITY)) return false;
  into.askQuantityUnits = cursor.units;
  into.askQuantityScale = cursor.scale;
  if (!cursor.literal(INGESTION_TIME)) return false;
  into.receivedUs = cursor.millisUs();
  return into.receivedUs >= MIN_PLAUSIBLE_US && scanOrigin(cursor, into);
}

function scanFigure(name: Literal): boolean {
  return cursor.literal(name) && cursor.jsonDecimal() && cursor.units > 0 && cursor.scale <= MAX_FIGURE_SCALE;
}
