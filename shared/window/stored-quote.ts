import type { Quote } from '../events/quote.ts';
import type { MarketSymbol } from '../units.ts';
import type { Units } from './figures.ts';
import type { FoldQuote } from './quote-windows.ts';

/** A quote with all that its row and its dead letter need; `QuoteScan` of the byte scanner is one. */
export interface StoredQuote extends FoldQuote {
  symbol: MarketSymbol;
  bidQuantityUnits: Units;
  bidQuantityScale: number;
  askQuantityUnits: Units;
  askQuantityScale: number;
  rawPartition: number;
  rawOffset: number;
}

/** A decoded quote in the form that the fold and its row read. */
export function storedQuote(quote: Quote): StoredQuote {
  return {
    symbol: quote.symbol,
    updateId: quote.updateId,
    bidUnits: quote.bid.units,
    bidScale: quote.bid.scale,
    bidQuantityUnits: quote.bidQuantity.units,
    bidQuantityScale: quote.bidQuantity.scale,
    askUnits: quote.ask.units,
    askScale: quote.ask.scale,
    askQuantityUnits: quote.askQuantity.units,
    askQuantityScale: quote.askQuantity.scale,
    receivedUs: quote.receivedUs,
    rawPartition: quote.raw.partition,
    rawOffset: quote.raw.offset,
  };
}
