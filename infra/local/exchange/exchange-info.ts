import type { ExchangeLimits } from './exchange-limits.ts';
import type { ListedSymbol } from './market-source.ts';

/** The answer of `exchangeInfo`, as JSON text. */
export function exchangeInfo(
  symbols: readonly ListedSymbol[],
  limits: ExchangeLimits,
  serverTime: number,
): string {
  return JSON.stringify({
    timezone: 'UTC',
    serverTime,
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: limits.weightPerMinute },
    ],
    exchangeFilters: [],
    symbols: symbols.map((listed) => ({
      symbol: listed.symbol,
      status: 'TRADING',
      baseAsset: listed.baseAsset,
      baseAssetPrecision: 8,
      quoteAsset: listed.quoteAsset,
      quotePrecision: 8,
      quoteAssetPrecision: 8,
      orderTypes: ['LIMIT', 'MARKET'],
      isSpotTradingAllowed: true,
      isMarginTradingAllowed: false,
      filters: [
        {
          filterType: 'PRICE_FILTER',
          minPrice: step(listed.priceDecimals),
          tickSize: step(listed.priceDecimals),
        },
        {
          filterType: 'LOT_SIZE',
          minQty: step(listed.quantityDecimals),
          stepSize: step(listed.quantityDecimals),
        },
      ],
      permissions: ['SPOT'],
    })),
  });
}

function step(decimals: number): string {
  return decimals === 0 ? '1.00000000' : `0.${'1'.padStart(decimals, '0').padEnd(8, '0')}`;
}
