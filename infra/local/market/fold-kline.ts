import type { Micros } from '../../../shared/units.ts';
import type { MarketKline, MarketTrade } from './market-events.ts';

/** The candle of some trades, which must be those of [openTimeUs, endTimeUs) in the order of their ids. */
export function foldKline(
  trades: Iterable<MarketTrade>,
  openTimeUs: Micros,
  endTimeUs: Micros,
  closeBeforeTicks: number,
): MarketKline {
  let openTicks = closeBeforeTicks;
  let highTicks = closeBeforeTicks;
  let lowTicks = closeBeforeTicks;
  let closeTicks = closeBeforeTicks;
  let lots = 0n;
  let value = 0n;
  let takerBuyLots = 0n;
  let takerBuyValue = 0n;
  let tradeCount = 0;
  let firstId = -1;
  let lastId = -1;
  for (const trade of trades) {
    const { priceTicks } = trade;
    const tradeLots = BigInt(trade.quantityLots);
    const tradeValue = BigInt(priceTicks) * tradeLots;
    if (tradeCount === 0) {
      openTicks = priceTicks;
      highTicks = priceTicks;
      lowTicks = priceTicks;
      firstId = trade.id;
    }
    highTicks = Math.max(highTicks, priceTicks);
    lowTicks = Math.min(lowTicks, priceTicks);
    closeTicks = priceTicks;
    lots += tradeLots;
    value += tradeValue;
    if (!trade.isBuyerMaker) {
      takerBuyLots += tradeLots;
      takerBuyValue += tradeValue;
    }
    tradeCount += 1;
    lastId = trade.id;
  }
  const prices = { openTicks, highTicks, lowTicks, closeTicks };
  const sums = { lots, value, takerBuyLots, takerBuyValue };
  return { openTimeUs, endTimeUs, ...prices, ...sums, tradeCount, firstId, lastId };
}
