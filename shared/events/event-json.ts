import { encodeAggTrade } from './agg-trade-json.ts';
import { encodeKline } from './kline-json.ts';
import type { MarketEvent } from './market-event.ts';
import { encodeQuote } from './quote-json.ts';
import { encodeTick } from './tick-json.ts';
import { encodeTrade } from './trade-json.ts';

/** A validated event as JSON text (UTF-8 in the log), by its kind. */
export function encodeEvent(event: MarketEvent): string {
  switch (event.kind) {
    case 'trade':
      return encodeTrade(event);
    case 'aggTrade':
      return encodeAggTrade(event);
    case 'kline':
      return encodeKline(event);
    case 'quote':
      return encodeQuote(event);
    case 'tick':
      return encodeTick(event);
  }
}
