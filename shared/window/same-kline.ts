import { compareDecimal } from '../decimal.ts';
import type { KlineFigures } from '../events/kline.ts';

/** Whether two klines of a minute state the same figures. */
export function sameKline(a: KlineFigures, b: KlineFigures): boolean {
  return (
    a.tradeCount === b.tradeCount &&
    a.firstTradeId === b.firstTradeId &&
    a.lastTradeId === b.lastTradeId &&
    AMOUNTS.every((name) => compareDecimal(a[name], b[name]) === 0)
  );
}

/** The decimal fields of a kline. */
export const AMOUNTS = [
  'open',
  'high',
  'low',
  'close',
  'volume',
  'quoteVolume',
  'takerBuyVolume',
  'takerBuyQuoteVolume',
] as const satisfies readonly (keyof KlineFigures)[];
