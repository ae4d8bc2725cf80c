import type { Micros } from '../../../shared/units.ts';

/** A fill. Prices are in ticks and quantities in lots of the symbol, so every sum of them is exact. */
export interface MarketTrade {
  readonly id: number;
  readonly priceTicks: number;
  readonly quantityLots: number;
  readonly timeUs: Micros;
  /** True: the taker sold. */
  readonly isBuyerMaker: boolean;
}

/** The fills of one taker order at one price: the trades `firstId` to `lastId`. */
export interface MarketAggTrade extends MarketTrade {
  readonly firstId: number;
  readonly lastId: number;
}

/** The best bid and ask from a time on. */
export interface MarketQuote {
  readonly updateId: number;
  readonly timeUs: Micros;
  readonly bidTicks: number;
  readonly bidLots: number;
  readonly askTicks: number;
  readonly askLots: number;
}

/**
 * A candle of whole minutes, from the market's own matching. A candle without a trade has the last price four
 * times, `firstId` and `lastId` -1. Values are in ticks × lots.
 */
export interface MarketKline {
  readonly openTimeUs: Micros;
  /** The first microsecond after it. */
  readonly endTimeUs: Micros;
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly closeTicks: number;
  readonly lots: bigint;
  readonly value: bigint;
  readonly takerBuyLots: bigint;
  readonly takerBuyValue: bigint;
  readonly tradeCount: number;
  readonly firstId: number;
  readonly lastId: number;
}

/** All that happens to a symbol in one minute, each kind in the order of its ids. */
export interface MarketMinute {
  readonly trades: readonly MarketTrade[];
  readonly aggTrades: readonly MarketAggTrade[];
  readonly quotes: readonly MarketQuote[];
}
