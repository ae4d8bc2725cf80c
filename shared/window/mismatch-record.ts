import { formatDecimal, formatUnits } from '../decimal.ts';
import type { MarketSymbol } from '../units.ts';
import type { CandleMismatch } from './candle-writer.ts';

/** One side of a mismatch: decimals as plain text, ids and counts as numbers; null where a side names none. */
export type MismatchSide = Readonly<Record<string, string | number | null>>;

/** A minute that differs from the exchange's kline after that was fetched once more: what a log line holds of it. */
export interface MismatchRecord {
  readonly event: 'candle-mismatch';
  readonly symbol: MarketSymbol;
  readonly open_time_ms: number;
  /** The names of the fields that differ. */
  readonly differing: readonly string[];
  readonly ours: MismatchSide;
  readonly exchange: MismatchSide;
}

/** Both sides of a mismatch, field by field. */
export function mismatchRecord(symbol: MarketSymbol, { minute, ours }: CandleMismatch): MismatchRecord {
  const kline = minute.witness?.figures;
  const { priceScale, quantityScale } = ours;
  const quoteScale = priceScale + quantityScale;
  const mine: MismatchSide = {
    open: formatUnits(ours.open, priceScale),
    high: formatUnits(ours.high, priceScale),
    low: formatUnits(ours.low, priceScale),
    close: formatUnits(ours.close, priceScale),
    volume: formatUnits(ours.volume.value(), quantityScale),
    quote_volume: formatUnits(ours.quoteVolume.value(), quoteScale),
    taker_buy_volume: formatUnits(ours.takerBuyVolume.value(), quantityScale),
    taker_buy_quote_volume: formatUnits(ours.takerBuyQuoteVolume.value(), quoteScale),
    trade_count: ours.count,
    first_trade_id: ours.firstId,
    last_trade_id: ours.lastId,
  };
  const theirs: MismatchSide =
    kline === undefined
      ? {}
      : {
          open: formatDecimal(kline.open),
          high: formatDecimal(kline.high),
          low: formatDecimal(kline.low),
          close: formatDecimal(kline.close),
          volume: formatDecimal(kline.volume),
          quote_volume: formatDecimal(kline.quoteVolume),
          taker_buy_volume: formatDecimal(kline.takerBuyVolume),
          taker_buy_quote_volume: formatDecimal(kline.takerBuyQuoteVolume),
          trade_count: kline.tradeCount,
          first_trade_id: kline.firstTradeId,
          last_trade_id: kline.lastTradeId,
        };
  return {
    event: 'candle-mismatch',
    symbol,
    open_time_ms: minute.startUs / 1_000,
    differing: Object.keys(mine).filter((name) => theirs[name] !== null && theirs[name] !== mine[name]),
    ours: mine,
    exchange: theirs,
  };
}
