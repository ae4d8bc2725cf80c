import type { AggTrade } from '../events/agg-trade.ts';
import type { Micros } from '../units.ts';
import { FieldReader, type JsonObject } from './field-reader.ts';
import type { RawOutcome, ReadContext } from './raw-record.ts';
import { symbolRefusal } from './symbol-rules.ts';
import { checkTimeAhead, checkTimeOff } from './time-rules.ts';

const FRAME_FIELDS = new Set(['e', 'E', 's', 'a', 'p', 'q', 'f', 'l', 'T', 'm', 'M']);
const REST_FIELDS = new Set(['a', 'p', 'q', 'f', 'l', 'T', 'm', 'M']);

/** An `aggTrade` frame. */
export function readAggTradeFrame(data: JsonObject, context: ReadContext): RawOutcome {
  const fields = new FieldReader(data);
  const event = aggTrade(fields, fields.text('s'), fields.timeUs('E'), context);
  checkTimeOff(fields, 'T', event.tradeTimeUs, context);
  checkTimeOff(fields, 'E', event.eventTimeUs ?? 0, context);
  return outcome(fields, event, FRAME_FIELDS, context);
}

/** An aggregate of REST `aggTrades`; the record's key names its symbol. */
export function readRestAggTrade(data: JsonObject, context: ReadContext): RawOutcome {
  const fields = new FieldReader(data);
  const event = aggTrade(fields, context.key ?? '', null, context);
  checkTimeAhead(fields, 'T', event.tradeTimeUs, context);
  return outcome(fields, event, REST_FIELDS, context);
}

function aggTrade(
  fields: FieldReader,
  symbol: string,
  eventTimeUs: Micros | null,
  context: ReadContext,
): AggTrade {
  return {
    kind: 'aggTrade',
    symbol,
    aggTradeId: fields.id('a'),
    price: fields.positive('p'),
    quantity: fields.positive('q'),
    firstTradeId: fields.id('f'),
    lastTradeId: fields.id('l'),
    tradeTimeUs: fields.timeUs('T'),
    eventTimeUs,
    isBuyerMaker: fields.flag('m'),
    receivedUs: context.receivedUs,
    source: context.source,
    raw: context.raw,
  };
}

function outcome(
  fields: FieldReader,
  event: AggTrade,
  known: ReadonlySet<string>,
  context: ReadContext,
): RawOutcome {
  if (event.firstTradeId > event.lastTradeId) {
    fields.refuse('ID_RANGE', `\`f\` is ${event.firstTradeId}, \`l\` is ${event.lastTradeId}.`);
  }
  const refusal = fields.refusal ?? symbolRefusal(event.symbol, context);
  return refusal ?? { kind: 'event', event, unknownFields: fields.unknown(known) };
}
