import { FieldReader, isJsonObject, type JsonObject } from '../binance/field-reader.ts';
import { tickFields } from '../binance/read-tick.ts';
import { MAX_FIGURE_SCALE } from '../binance/validation-rules.ts';
import { MAX_SCALE } from '../decimal.ts';
import type { Micros } from '../units.ts';
import { scanAggTrade } from './agg-trade-scan.ts';
import type { MarketEvent } from './market-event.ts';
import { type Refused, refuse, shown } from './reasons.ts';
import { type RawPosition, SOURCES, type Source } from './source.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The fields that are exact decimals: a binary number would lose their digits. */
const DECIMALS = new Set(
  (
    'price quantity bid bid_quantity ask ask_quantity open high low close volume quote_volume ' +
    'taker_buy_volume taker_buy_quote_volume'
  ).split(' '),
);

/**
 * Reads a validated event of any kind and layout, its decimals exactly, from the JSON's own digits.
 * Anything else is refused as `EVENT_INVALID`; it never throws.
 */
export function parseEvent(bytes: Uint8Array): MarketEvent | Refused {
  return scanAggTrade(bytes) ?? parseWhole(bytes);
}

/** The full parse alone; the scans of the fixed layouts must agree with it. */
export function parseWhole(bytes: Uint8Array): MarketEvent | Refused {
  let json: unknown;
  try {
    json = JSON.parse(UTF8.decode(bytes), keepDigits);
  } catch (error) {
    return refuse('EVENT_INVALID', error instanceof Error ? error.message : 'It is not JSON.');
  }
  if (!isJsonObject(json)) return refuse('EVENT_INVALID', `It is ${shown(json)}.`);
  const fields = new FieldReader(json);
  const event = readEvent(fields, json);
  if (event === undefined) return refuse('EVENT_INVALID', `\`event_type\` is ${shown(json.event_type)}.`);
  return fields.refusal === undefined ? event : refuse('EVENT_INVALID', fields.refusal.error);
}

/** A decimal's number becomes its source text; anything else in its place is wrapped, so that it is no text. */
function keepDigits(name: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (!DECIMALS.has(name)) return value;
  return typeof value === 'number' && context?.source !== undefined ? context.source : [value];
}

interface Origin {
  readonly receivedUs: Micros;
  readonly source: Source;
  readonly raw: RawPosition;
}

function readEvent(fields: FieldReader, json: JsonObject): MarketEvent | undefined {
  const origin: Origin = {
    receivedUs: fields.millisUs('ingestion_time_ms'),
    source: readSource(fields),
    raw: { partition: fields.id('raw_partition'), offset: fields.id('raw_offset') },
  };
  switch (json.event_type) {
    case 'trade':
      return {
        kind: 'trade',
        symbol: fields.text('symbol'),
        tradeId: fields.id('trade_id'),
        ...fill(fields, json),
        ...origin,
      };
    case 'aggTrade':
      return {
        kind: 'aggTrade',
        symbol: fields.text('symbol'),
        aggTradeId: fields.id('agg_trade_id'),
        firstTradeId: fields.id('first_trade_id'),
        lastTradeId: fields.id('last_trade_id'),
        ...fill(fields, json),
        ...origin,
      };
    case 'kline':
      return readKline(fields, json, origin);
    case 'quote':
      return {
        kind: 'quote',
        symbol: fields.text('symbol'),
        updateId: fields.id('update_id'),
        bid: fields.positive('bid'),
        bidQuantity: fields.positive('bid_quantity'),
        ask: fields.positive('ask'),
        askQuantity: fields.positive('ask_quantity'),
        ...origin,
      };
    case 'tick':
      return tickFields(fields, json, origin);
    default:
      return undefined;
  }
}

/** What trades and aggregates have in common. */
function fill(fields: FieldReader, json: JsonObject) {
  return {
    price: fields.positive('price'),
    quantity: fields.positive('quantity'),
    tradeTimeUs: fields.millisUs('trade_time_ms'),
    eventTimeUs: eventTimeUs(fields, json),
    isBuyerMaker: fields.flag('is_buyer_maker'),
  };
}

function readKline(fields: FieldReader, json: JsonObject, origin: Origin): MarketEvent {
  return {
    kind: 'kline',
    symbol: fields.text('symbol'),
    openTimeUs: fields.millisUs('open_time_ms'),
    endTimeUs: fields.millisUs('end_time_ms'),
    open: fields.decimal('open', MAX_FIGURE_SCALE),
    high: fields.decimal('high', MAX_FIGURE_SCALE),
    low: fields.decimal('low', MAX_FIGURE_SCALE),
    close: fields.decimal('close', MAX_FIGURE_SCALE),
    volume: fields.amount('volume', MAX_SCALE),
    quoteVolume: fields.amount('quote_volume', MAX_SCALE),
    tradeCount: fields.id('trade_count'),
    takerBuyVolume: fields.amount('taker_buy_volume', MAX_SCALE),
    takerBuyQuoteVolume: fields.amount('taker_buy_quote_volume', MAX_SCALE),
    firstTradeId: json.first_trade_id === null ? null : fields.id('first_trade_id', -1),
    lastTradeId: json.last_trade_id === null ? null : fields.id('last_trade_id', -1),
    eventTimeUs: eventTimeUs(fields, json),
    ...origin,
  };
}

function eventTimeUs(fields: FieldReader, json: JsonObject): Micros | null {
  return json.event_time_ms === null ? null : fields.millisUs('event_time_ms');
}

function readSource(fields: FieldReader): Source {
  const text = fields.text('source');
  const known = SOURCES.find((source) => source === text);
  if (known === undefined) fields.refuse('WRONG_TYPE', `\`source\` is ${shown(text)}.`);
  return known ?? 'live';
}
