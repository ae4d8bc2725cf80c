import { formatDecimal } from '../decimal.ts';
import { millisText } from './millis-text.ts';
import { originText } from './origin-json.ts';
import type { Quote } from './quote.ts';

/** A validated quote as JSON text, in the fixed field order that `scanQuote` reads. */
export function encodeQuote(quote: Quote): string {
  return (
    `{"event_type":"quote","symbol":"${quote.symbol}","update_id":${quote.updateId}` +
    `,"bid":${formatDecimal(quote.bid)},"bid_quantity":${formatDecimal(quote.bidQuantity)}` +
    `,"ask":${formatDecimal(quote.ask)},"ask_quantity":${formatDecimal(quote.askQuantity)}` +
    `,"ingestion_time_ms":${millisText(quote.receivedUs)},${originText(quote.source, quote.raw)}`
  );
}
