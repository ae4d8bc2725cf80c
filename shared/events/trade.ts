import type { Decimal } from '../decimal.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import type { RawPosition, Source } from './source.ts';

/** One execution on the exchange: the only event that folds into trade windows, once per id. */
export interface Trade {
  readonly kind: 'trade';
  readonly symbol: MarketSymbol;
  /** Contiguous per symbol. */
  readonly tradeId: number;
  readonly price: Decimal;
  readonly quantity: Decimal;
  /** `T`: decides which window the trade is in. */
  readonly tradeTimeUs: Micros;
  /** `E`: when the exchange sent it; null where it came over REST. */
  readonly eventTimeUs: Micros | null;
  /** True: the taker sold. */
  readonly isBuyerMaker: boolean;
  readonly receivedUs: Micros;
  readonly source: Source;
  readonly raw: RawPosition;
}
