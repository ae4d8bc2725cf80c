import type { MarketSymbol } from '../../shared/units.ts';
import type { TradeWindowRules } from '../../shared/window/trade-windows.ts';
import type { TradeFeedOptions } from './trade-feed.ts';

/** The rules of a symbol's windows, whale threshold included. */
export function windowRules(
  symbol: MarketSymbol,
  options: Pick<TradeFeedOptions, 'rules' | 'thresholds'>,
): TradeWindowRules {
  const { whaleQuote } = options.thresholds(symbol);
  return { ...options.rules, whaleQuoteValue: Number.isFinite(whaleQuote) ? whaleQuote : null };
}
