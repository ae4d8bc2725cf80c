import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import type { TimeUnit } from '../market/binance-json.ts';
import type { MarketFrame } from '../market/market-frame.ts';

/** A symbol as `exchangeInfo` tells it. */
export interface ListedSymbol {
  readonly symbol: MarketSymbol;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  readonly priceDecimals: number;
  readonly quantityDecimals: number;
}

/** Which trades are asked for: the newest, from an id on, or those of a time span (both ends included). */
export type TradeRange =
  | { readonly kind: 'newest'; readonly limit: number }
  | { readonly kind: 'from-id'; readonly fromId: number; readonly limit: number }
  | {
      readonly kind: 'between';
      readonly startUs: Micros | undefined;
      readonly endUs: Micros | undefined;
      readonly limit: number;
    };

/** Which candles are asked for. Without a start the newest before the end. */
export interface KlineRange {
  readonly minutes: number;
  readonly startUs: Micros | undefined;
  readonly endUs: Micros | undefined;
  readonly limit: number;
}

/** Who listens to a market. */
export interface MarketListener {
  /** Streams that somebody is subscribed to now, such as `btcusdt@trade`. */
  subscribed(): ReadonlySet<string>;
  /** Takes frames in order. */
  deliver(frames: readonly MarketFrame[]): void;
  /** Resolves when no listener has much waiting; a market that can wait does. */
  drained(): Promise<void>;
}

/** A market that plays. */
export interface Playing {
  stop(): void;
  /** Resolves when a recording has been played to its end; a simulated market never ends. */
  readonly finished: Promise<void>;
}

/** What an exchange serves: frames as time passes, and what has passed, as REST answers. */
export interface MarketSource {
  readonly symbols: readonly ListedSymbol[];
  /** The exchange's time. */
  nowUs(): Micros;
  play(listener: MarketListener): Playing;
  /** REST trades as JSON texts, in the order of their ids, nothing beyond the present. */
  trades(symbol: MarketSymbol, range: TradeRange, unit: TimeUnit): readonly string[];
  /** REST aggregate trades; `from-id` is an aggregate id. */
  aggTrades(symbol: MarketSymbol, range: TradeRange, unit: TimeUnit): readonly string[];
  /** REST candles in the order of time; undefined where this market has none of that length. */
  klines(symbol: MarketSymbol, range: KlineRange, unit: TimeUnit): readonly string[] | undefined;
}
