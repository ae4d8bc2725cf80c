import type { Decimal } from '../decimal.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import type { RawPosition, Source } from './source.ts';

/** The best bid and ask after an update (`bookTicker`). It carries no time of the exchange. */
export interface Quote {
  readonly kind: 'quote';
  readonly symbol: MarketSymbol;
  /** `u`: orders the quotes of a symbol. */
  readonly updateId: number;
  readonly bid: Decimal;
  readonly bidQuantity: Decimal;
  readonly ask: Decimal;
  readonly askQuantity: Decimal;
  /** Decides which window the quote is in. */
  readonly receivedUs: Micros;
  readonly source: Source;
  readonly raw: RawPosition;
}
