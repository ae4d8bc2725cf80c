import { compareDecimal, MAX_SCALE } from '../decimal.ts';
import type { Kline } from '../events/kline.ts';
import { MINUTE_US, type Micros } from '../units.ts';
import { FieldReader, isJsonObject, type JsonObject } from './field-reader.ts';
import type { RawOutcome, ReadContext } from './raw-record.ts';
import { symbolRefusal } from './symbol-rules.ts';
import { checkTimeAhead, checkTimeOff } from './time-rules.ts';

const FRAME_FIELDS = new Set(['e', 'E', 's', 'k']);
const KLINE_FIELDS = new Set([...'tTsifLochlvnxqVQB']);
/** The places of a REST kline, named as in the frame. @see GET /api/v3/klines */
const REST_PLACES = ['t', 'o', 'h', 'l', 'c', 'v', 'T', 'q', 'n', 'V', 'Q', 'B'] as const;

/** A `kline` frame of one minute. Only a closed one is an event; the running ones are ignored. */
export function readKlineFrame(data: JsonObject, context: ReadContext): RawOutcome {
  const frame = new FieldReader(data);
  const symbol = frame.text('s');
  const eventTimeUs = frame.timeUs('E');
  const inner = data.k;
  if (!isJsonObject(inner)) frame.refuse(inner === undefined ? 'MISSING_FIELD' : 'WRONG_TYPE', 'It is `k`.');
  const fields = new FieldReader(isJsonObject(inner) ? inner : {});
  const isClosed = fields.flag('x');
  const interval = fields.text('i');
  if (interval !== '1m') fields.refuse('KLINE_NOT_1M', `\`i\` is ${interval}.`);
  if (fields.text('s') !== symbol) fields.refuse('STREAM_MISMATCH', '`s` and `k.s` differ.');
  const early = frame.refusal ?? fields.refusal;
  if (early !== undefined) return early;
  if (!isClosed) return { kind: 'ignored', why: 'the kline is not closed' };

  const event = kline(fields, symbol, eventTimeUs, context, {
    first: fields.id('f', -1),
    last: fields.id('L', -1),
  });
  checkTimeOff(fields, 'E', eventTimeUs, context);
  checkTimeOff(fields, 'T', event.endTimeUs, context);
  const refusal = fields.refusal ?? symbolRefusal(symbol, context);
  const unknownFields = frame.unknown(FRAME_FIELDS) + fields.unknown(KLINE_FIELDS);
  return refusal ?? { kind: 'event', event, unknownFields };
}

/**
 * A kline of REST `klines`, an array; the record's key names its symbol, and it tells no trade ids.
 * It does not tell either whether it is closed: ingest appends closed ones only.
 */
export function readRestKline(values: readonly unknown[], context: ReadContext): RawOutcome {
  const object: Record<string, unknown> = {};
  for (const [place, name] of REST_PLACES.entries()) object[name] = values[place];
  const fields = new FieldReader(object);
  const event = kline(fields, context.key ?? '', null, context, { first: null, last: null });
  checkTimeAhead(fields, 'T', event.endTimeUs, context);
  const refusal = fields.refusal ?? symbolRefusal(event.symbol, context);
  const unknownFields = Math.max(0, values.length - REST_PLACES.length);
  return refusal ?? { kind: 'event', event, unknownFields };
}

function kline(
  fields: FieldReader,
  symbol: string,
  eventTimeUs: Micros | null,
  context: ReadContext,
  ids: { readonly first: number | null; readonly last: number | null },
): Kline {
  const openTimeUs = fields.timeUs('t');
  const event: Kline = {
    kind: 'kline',
    symbol,
    openTimeUs,
    endTimeUs: openTimeUs + MINUTE_US,
    open: fields.positive('o'),
    high: fields.positive('h'),
    low: fields.positive('l'),
    close: fields.positive('c'),
    volume: fields.amount('v', MAX_SCALE),
    quoteVolume: fields.amount('q', MAX_SCALE),
    tradeCount: fields.id('n'),
    takerBuyVolume: fields.amount('V', MAX_SCALE),
    takerBuyQuoteVolume: fields.amount('Q', MAX_SCALE),
    firstTradeId: ids.first,
    lastTradeId: ids.last,
    eventTimeUs,
    receivedUs: context.receivedUs,
    source: context.source,
    raw: context.raw,
  };
  checkMinute(fields, event);
  if (fields.refusal === undefined) checkBounds(fields, event);
  return event;
}

function checkMinute(fields: FieldReader, event: Kline): void {
  const beforeEndUs = event.endTimeUs - fields.timeUs('T');
  if (event.openTimeUs % MINUTE_US !== 0 || (beforeEndUs !== 1000 && beforeEndUs !== 1)) {
    fields.refuse('KLINE_NOT_1M', 'It is told by `t` and `T`.');
  }
}

function checkBounds(fields: FieldReader, event: Kline): void {
  const { open, high, low, close } = event;
  const isBound = [open, close, low].every((price) => compareDecimal(price, high) <= 0);
  if (!isBound || [open, close].some((price) => compareDecimal(price, low) < 0)) {
    fields.refuse('KLINE_BOUNDS', 'It is told by `o`, `h`, `l` and `c`.');
  }
  const { firstTradeId, lastTradeId } = event;
  if (firstTradeId !== null && lastTradeId !== null && firstTradeId > lastTradeId) {
    fields.refuse('ID_RANGE', `\`f\` is ${firstTradeId}, \`L\` is ${lastTradeId}.`);
  }
}
