import type { Micros } from '../units.ts';

/**
 * A folded trade and what the windows hold with it, as plain numbers. The fold fills one record again and again:
 * nothing may keep it. Figures are doubles, correctly rounded; they decide alarms, never sums.
 */
export interface TradeMoment {
  tradeId: number;
  tradeTimeUs: Micros;
  price: number;
  /** Base units. */
  quantity: number;
  /** price × quantity. */
  quoteValue: number;
  /** True: the taker sold. */
  isBuyerMaker: boolean;
  /** Start of the trade's 10 s pane, and the pane's base volume so far. */
  paneStartUs: Micros;
  paneVolume: number;
  /** Start of the trade's minute, and the minute's figures so far. */
  minuteStartUs: Micros;
  minuteTrades: number;
  minuteMean: number;
  /** Sample deviation of the price; NaN for one trade. */
  minuteStddev: number;
  minuteTakerBuyVolume: number;
  minuteTakerSellVolume: number;
  /** The last closed 2-minute window; `slidingTrades` is 0 where there is none. */
  slidingMean: number;
  slidingStddev: number;
  slidingTrades: number;
}
