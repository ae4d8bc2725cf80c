import type { Trade } from '../events/trade.ts';
import { FieldReader, type JsonObject } from './field-reader.ts';
import type { RawOutcome, ReadContext } from './raw-record.ts';
import { symbolRefusal } from './symbol-rules.ts';
import { checkTimeAhead, checkTimeOff } from './time-rules.ts';

/** `b` and `a`, the order ids, are gone since June 2024; older recordings have them. */
const FRAME_FIELDS = new Set(['e', 'E', 's', 't', 'p', 'q', 'b', 'a', 'T', 'm', 'M']);
const REST_FIELDS = new Set(['id', 'price', 'qty', 'quoteQty', 'time', 'isBuyerMaker', 'isBestMatch']);

/** A `trade` frame. @see https://github.com/binance/binance-spot-api-docs/blob/master/web-socket-streams.md */
export function readTradeFrame(data: JsonObject, context: ReadContext): RawOutcome {
  const fields = new FieldReader(data);
  const event: Trade = {
    kind: 'trade',
    symbol: fields.text('s'),
    tradeId: fields.id('t'),
    price: fields.positive('p'),
    quantity: fields.positive('q'),
    tradeTimeUs: fields.timeUs('T'),
    eventTimeUs: fields.timeUs('E'),
    isBuyerMaker: fields.flag('m'),
    receivedUs: context.receivedUs,
    source: context.source,
    raw: context.raw,
  };
  checkTimeOff(fields, 'T', event.tradeTimeUs, context);
  checkTimeOff(fields, 'E', event.eventTimeUs ?? 0, context);
  const refusal = fields.refusal ?? symbolRefusal(event.symbol, context);
  return refusal ?? { kind: 'event', event, unknownFields: fields.unknown(FRAME_FIELDS) };
}

/** A trade of REST `trades` or `historicalTrades`; it names no symbol, the record's key does. */
export function readRestTrade(data: JsonObject, context: ReadContext): RawOutcome {
  const fields = new FieldReader(data);
  const event: Trade = {
    kind: 'trade',
    symbol: context.key ?? '',
    tradeId: fields.id('id'),
    price: fields.positive('price'),
    quantity: fields.positive('qty'),
    tradeTimeUs: fields.timeUs('time'),
    eventTimeUs: null,
    isBuyerMaker: fields.flag('isBuyerMaker'),
    receivedUs: context.receivedUs,
    source: context.source,
    raw: context.raw,
  };
  checkTimeAhead(fields, 'time', event.tradeTimeUs, context);
  const refusal = fields.refusal ?? symbolRefusal(event.symbol, context);
  return refusal ?? { kind: 'event', event, unknownFields: fields.unknown(REST_FIELDS) };
}
