import { compareDecimal, type Decimal } from '../decimal.ts';
import type { Quote } from '../events/quote.ts';
import { FieldReader, type JsonObject } from './field-reader.ts';
import type { RawOutcome, ReadContext } from './raw-record.ts';
import { symbolRefusal } from './symbol-rules.ts';
import { MAX_FIGURE_SCALE } from './validation-rules.ts';

const FIELDS = new Set(['u', 's', 'b', 'B', 'a', 'A']);

/**
 * A `bookTicker` frame. A bid above the ask is refused: one matching engine cannot show that, so the frame
 * is wrong. A bid equal to the ask is let through, as a spread of zero.
 */
export function readBookTicker(data: JsonObject, context: ReadContext): RawOutcome {
  const fields = new FieldReader(data);
  const event: Quote = {
    kind: 'quote',
    symbol: fields.text('s'),
    updateId: fields.id('u'),
    bid: fields.amount('b', MAX_FIGURE_SCALE),
    bidQuantity: fields.amount('B', MAX_FIGURE_SCALE),
    ask: fields.amount('a', MAX_FIGURE_SCALE),
    askQuantity: fields.amount('A', MAX_FIGURE_SCALE),
    receivedUs: context.receivedUs,
    source: context.source,
    raw: context.raw,
  };
  if (fields.refusal === undefined) {
    checkSide(fields, 'b', event.bid, 'B', event.bidQuantity);
    checkSide(fields, 'a', event.ask, 'A', event.askQuantity);
    if (compareDecimal(event.bid, event.ask) > 0) {
      fields.refuse('CROSSED_QUOTE', `\`b\` is ${String(data.b)}, \`a\` is ${String(data.a)}.`);
    }
  }
  const refusal = fields.refusal ?? symbolRefusal(event.symbol, context);
  return refusal ?? { kind: 'event', event, unknownFields: fields.unknown(FIELDS) };
}

function checkSide(
  fields: FieldReader,
  priceName: string,
  price: Decimal,
  quantityName: string,
  quantity: Decimal,
): void {
  if (price.units === 0 && quantity.units === 0) {
    fields.refuse('EMPTY_BOOK_SIDE', `\`${priceName}\` and \`${quantityName}\` are 0.`);
  } else if (price.units === 0) {
    fields.refuse('NOT_POSITIVE', `\`${priceName}\` is 0.`);
  } else if (quantity.units === 0) {
    fields.refuse('NOT_POSITIVE', `\`${quantityName}\` is 0.`);
  }
}
