import type { Micros } from '../../../shared/units.ts';
import type { MarketAggTrade, MarketKline, MarketQuote, MarketTrade } from './market-events.ts';
import type { SymbolProfile } from './symbol-profile.ts';

/** The unit of every time in an answer: the exchange's default, or that of `timeUnit=MICROSECOND`. */
export type TimeUnit = 'ms' | 'us';

const DECIMALS = 8;

/** A `trade` payload. `eventTimeUs` is when the exchange sends it. */
export function tradePayload(
  profile: SymbolProfile,
  trade: MarketTrade,
  eventTimeUs: Micros,
  unit: TimeUnit,
): string {
  return `{"e":"trade","E":${time(eventTimeUs, unit)},"s":"${profile.symbol}","t":${trade.id},"p":"${price(profile, trade.priceTicks)}","q":"${quantity(profile, trade.quantityLots)}","T":${time(trade.timeUs, unit)},"m":${trade.isBuyerMaker},"M":true}`;
}

/** An `aggTrade` payload. */
export function aggTradePayload(
  profile: SymbolProfile,
  trade: MarketAggTrade,
  eventTimeUs: Micros,
  unit: TimeUnit,
): string {
  return `{"e":"aggTrade","E":${time(eventTimeUs, unit)},"s":"${profile.symbol}","a":${trade.id},"p":"${price(profile, trade.priceTicks)}","q":"${quantity(profile, trade.quantityLots)}","f":${trade.firstId},"l":${trade.lastId},"T":${time(trade.timeUs, unit)},"m":${trade.isBuyerMaker},"M":true}`;
}

/** A `bookTicker` payload, which carries no time. */
export function quotePayload(profile: SymbolProfile, quote: MarketQuote): string {
  return `{"u":${quote.updateId},"s":"${profile.symbol}","b":"${price(profile, quote.bidTicks)}","B":"${quantity(profile, quote.bidLots)}","a":"${price(profile, quote.askTicks)}","A":"${quantity(profile, quote.askLots)}"}`;
}

/** A `kline` payload of one minute. */
export function klinePayload(
  profile: SymbolProfile,
  kline: MarketKline,
  closed: boolean,
  eventTimeUs: Micros,
  unit: TimeUnit,
): string {
  const figures = klineFigures(profile, kline);
  return `{"e":"kline","E":${time(eventTimeUs, unit)},"s":"${profile.symbol}","k":{"t":${time(kline.openTimeUs, unit)},"T":${closeTime(kline, unit)},"s":"${profile.symbol}","i":"1m","f":${kline.firstId},"L":${kline.lastId},"o":"${figures.open}","c":"${figures.close}","h":"${figures.high}","l":"${figures.low}","v":"${figures.volume}","n":${kline.tradeCount},"x":${closed},"q":"${figures.value}","V":"${figures.takerBuyVolume}","Q":"${figures.takerBuyValue}","B":"0"}}`;
}

/** A trade as REST `trades` and `historicalTrades` give it. */
export function restTrade(profile: SymbolProfile, trade: MarketTrade, unit: TimeUnit): string {
  const value = BigInt(trade.priceTicks) * BigInt(trade.quantityLots);
  return `{"id":${trade.id},"price":"${price(profile, trade.priceTicks)}","qty":"${quantity(profile, trade.quantityLots)}","quoteQty":"${valueText(profile, value)}","time":${time(trade.timeUs, unit)},"isBuyerMaker":${trade.isBuyerMaker},"isBestMatch":true}`;
}

/** An aggregate trade as REST `aggTrades` gives it. */
export function restAggTrade(profile: SymbolProfile, trade: MarketAggTrade, unit: TimeUnit): string {
  return `{"a":${trade.id},"p":"${price(profile, trade.priceTicks)}","q":"${quantity(profile, trade.quantityLots)}","f":${trade.firstId},"l":${trade.lastId},"T":${time(trade.timeUs, unit)},"m":${trade.isBuyerMaker},"M":true}`;
}

/** A candle as REST `klines` gives it. */
export function restKline(profile: SymbolProfile, kline: MarketKline, unit: TimeUnit): string {
  const figures = klineFigures(profile, kline);
  return `[${time(kline.openTimeUs, unit)},"${figures.open}","${figures.high}","${figures.low}","${figures.close}","${figures.volume}",${closeTime(kline, unit)},"${figures.value}",${kline.tradeCount},"${figures.takerBuyVolume}","${figures.takerBuyValue}","0"]`;
}

/** A time in the unit asked for; milliseconds drop what is below them. */
export function time(timeUs: Micros, unit: TimeUnit): number {
  return unit === 'us' ? timeUs : Math.floor(timeUs / 1000);
}

function closeTime(kline: MarketKline, unit: TimeUnit): number {
  return time(kline.endTimeUs, unit) - 1;
}

function klineFigures(profile: SymbolProfile, kline: MarketKline): Record<string, string> {
  return {
    open: price(profile, kline.openTicks),
    high: price(profile, kline.highTicks),
    low: price(profile, kline.lowTicks),
    close: price(profile, kline.closeTicks),
    volume: fixed(kline.lots, profile.quantityDecimals),
    value: valueText(profile, kline.value),
    takerBuyVolume: fixed(kline.takerBuyLots, profile.quantityDecimals),
    takerBuyValue: valueText(profile, kline.takerBuyValue),
  };
}

function price(profile: SymbolProfile, ticks: number): string {
  return fixed(ticks, profile.priceDecimals);
}

function quantity(profile: SymbolProfile, lots: number): string {
  return fixed(lots, profile.quantityDecimals);
}

function valueText(profile: SymbolProfile, value: bigint): string {
  return fixed(value, profile.priceDecimals + profile.quantityDecimals);
}

/** `units` × 10^-`decimals` with the eight digits after the point that the exchange writes. */
function fixed(units: number | bigint, decimals: number): string {
  const digits = units.toString().padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  return `${digits.slice(0, point)}.${digits.slice(point).padEnd(DECIMALS, '0')}`;
}
