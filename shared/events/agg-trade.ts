import type { Decimal } from '../decimal.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import type { RawPosition, Source } from './source.ts';

/** The exchange's own grouping of the fills of one taker order at one price; a witness of the trade ids. */
export interface AggTrade {
  readonly kind: 'aggTrade';
  readonly symbol: MarketSymbol;
  readonly aggTradeId: number;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly firstTradeId: number;
  readonly lastTradeId: number;
  readonly tradeTimeUs: Micros;
  readonly eventTimeUs: Micros | null;
  readonly isBuyerMaker: boolean;
  readonly receivedUs: Micros;
  readonly source: Source;
  readonly raw: RawPosition;
}
