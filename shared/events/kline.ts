import type { Decimal } from '../decimal.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import type { RawPosition, Source } from './source.ts';

/** The figures of a closed one-minute candle as the exchange states them. */
export interface KlineFigures {
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
  readonly volume: Decimal;
  readonly quoteVolume: Decimal;
  readonly tradeCount: number;
  readonly takerBuyVolume: Decimal;
  readonly takerBuyQuoteVolume: Decimal;
  /** `f` and `L`; null where the source names none (REST). A minute without a trade has -1 there. */
  readonly firstTradeId: number | null;
  readonly lastTradeId: number | null;
}

/** A closed `kline_1m`: the witness that our closed minute is held against. */
export interface Kline extends KlineFigures {
  readonly kind: 'kline';
  readonly symbol: MarketSymbol;
  readonly openTimeUs: Micros;
  /** The first microsecond after the minute: the exchange's close time plus 1 ms. */
  readonly endTimeUs: Micros;
  readonly eventTimeUs: Micros | null;
  readonly receivedUs: Micros;
  readonly source: Source;
  readonly raw: RawPosition;
}
