import type { Quote } from '../../../shared/events/quote.ts';
import type { Trade } from '../../../shared/events/trade.ts';
import { IdRanges } from '../../../shared/id-ranges.ts';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';

const HOUR_US = 3_600_000_000;

interface SeenTrades {
  ids: IdRanges;
  newestUs: Micros;
}

/** Tells the first copy of a trade or quote from its repetitions, by the rules of the fold. */
export class DistinctCount {
  trades = 0;
  quotes = 0;
  duplicates = 0;
  readonly #trades = new Map<MarketSymbol, SeenTrades>();
  readonly #updateIds = new Map<MarketSymbol, number>();

  /** Counts the next event of its symbol in log order. */
  note(event: Trade | Quote): void {
    const isNew = event.kind === 'trade' ? this.#isNewTrade(event) : this.#isNewQuote(event);
    if (!isNew) this.duplicates += 1;
    else if (event.kind === 'trade') this.trades += 1;
    else this.quotes += 1;
  }

  #isNewTrade({ symbol, tradeId, tradeTimeUs }: Trade): boolean {
    const seen = this.#trades.get(symbol) ?? { ids: new IdRanges(), newestUs: tradeTimeUs };
    this.#trades.set(symbol, seen);
    // An id that was there an hour ago counts anew: the exchange has begun its ids again.
    if (tradeTimeUs > seen.newestUs + HOUR_US && seen.ids.has(tradeId)) seen.ids = new IdRanges();
    seen.newestUs = Math.max(seen.newestUs, tradeTimeUs);
    return seen.ids.add(tradeId);
  }

  #isNewQuote({ symbol, updateId }: Quote): boolean {
    if (updateId <= (this.#updateIds.get(symbol) ?? -1)) return false;
    this.#updateIds.set(symbol, updateId);
    return true;
  }
}
