import type { MarketSymbol } from '../../../shared/units.ts';
import { hash32, textKey } from './noise.ts';

/** What the simulated market knows of a symbol: its rules and its temperament. */
export interface SymbolProfile {
  readonly symbol: MarketSymbol;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  /** Digits after the point of a price; prices are counted in ticks of the last digit. */
  readonly priceDecimals: number;
  /** Digits after the point of a quantity; quantities are counted in lots of the last digit. */
  readonly quantityDecimals: number;
  /** The price around which it moves, in ticks. */
  readonly priceTicks: number;
  /** Aggregate trades in a thousand minutes: 250 is one in four minutes. */
  readonly aggTradesPer1000Minutes: number;
  /** Fills beyond the first of an aggregate trade, in a thousand minutes. */
  readonly moreFillsPer1000Minutes: number;
  /** Quotes a second beside those that follow a trade. */
  readonly quotesPerSecond: number;
  /** Value of a usual trade in the quote asset. */
  readonly usualValue: number;
}

/** Symbol, quote asset, price, its decimals, quantity decimals, aggregate trades a minute, usual value. */
type Line = readonly [string, string, number, number, number, number, number];

const LINES: readonly Line[] = [
  ['BTC', 'USDT', 61_837, 2, 5, 900, 250],
  ['ETH', 'USDT', 2_683, 2, 4, 600, 220],
  ['BNB', 'USDT', 512, 2, 3, 180, 150],
  ['SOL', 'USDT', 153, 2, 3, 420, 120],
  ['XRP', 'USDT', 0.61, 4, 1, 240, 90],
  ['DOGE', 'USDT', 0.103, 5, 0, 200, 80],
  ['ADA', 'USDT', 0.347, 4, 1, 90, 70],
  ['TRX', 'USDT', 0.2312, 4, 1, 60, 200],
  ['LTC', 'USDT', 61.5, 2, 3, 45, 80],
  ['LINK', 'USDT', 10.4, 2, 2, 40, 80],
  ['AVAX', 'USDT', 21.9, 2, 2, 60, 80],
  ['DOT', 'USDT', 4.6, 3, 2, 30, 60],
  ['UNI', 'USDT', 6.1, 3, 2, 20, 60],
  ['ATOM', 'USDT', 4.7, 3, 2, 18, 60],
  ['NEAR', 'USDT', 4.1, 3, 1, 35, 60],
  ['FTM', 'USDT', 0.3397, 4, 0, 12, 50],
  ['NKN', 'USDT', 0.0741, 4, 0, 4, 40],
  ['FIL', 'USDT', 3.7, 3, 2, 15, 60],
  ['ETC', 'USDT', 19.2, 2, 2, 10, 60],
  ['XLM', 'USDT', 0.098, 4, 0, 15, 50],
  ['BTC', 'USDC', 61_840, 2, 5, 240, 200],
  ['ETH', 'USDC', 2_683, 2, 4, 150, 180],
  ['ETH', 'BTC', 0.04338, 5, 3, 60, 0.01],
  ['SOL', 'BTC', 0.00248, 7, 1, 8, 0.004],
  ['BNB', 'BTC', 0.00828, 6, 2, 10, 0.004],
  ['XMR', 'BTC', 0.002578, 6, 2, 0.4, 0.002],
  ['LRC', 'BTC', 0.00000205, 8, 0, 0.25, 0.001],
  ['BLZ', 'ETH', 0.0000413, 7, 1, 0.1, 0.05],
];

/** Every symbol that the simulated market trades. */
export const SYMBOL_PROFILES: readonly SymbolProfile[] = LINES.map(
  ([baseAsset, quoteAsset, price, priceDecimals, quantityDecimals, perMinute, usualValue]) => {
    const symbol = `${baseAsset}${quoteAsset}`;
    const perThousand = Math.round(perMinute * 1000);
    const fills = 25 + (hash32(textKey(symbol), 1) % 30);
    return {
      symbol,
      baseAsset,
      quoteAsset,
      priceDecimals,
      quantityDecimals,
      priceTicks: Math.round(price * 10 ** priceDecimals),
      aggTradesPer1000Minutes: perThousand,
      moreFillsPer1000Minutes: Math.round((perThousand * fills) / 100),
      quotesPerSecond: Math.max(1, Math.min(20, Math.round(perMinute / 30))),
      usualValue,
    };
  },
);

const BY_SYMBOL = new Map(SYMBOL_PROFILES.map((profile) => [profile.symbol, profile]));

/** The profile of a symbol in upper case; undefined where the market does not trade it. */
export function findProfile(symbol: MarketSymbol): SymbolProfile | undefined {
  return BY_SYMBOL.get(symbol);
}
