import type { Feed } from './events/tick.ts';
import type { MarketSymbol } from './units.ts';

/** The stream types that the monitor watches. */
export const STREAM_TYPES = ['trade', 'aggTrade', 'bookTicker', 'kline_1m'] as const;

export type StreamType = (typeof STREAM_TYPES)[number];

/** Quotes travel apart from trades and their witnesses, from the socket on. */
export function feedOf(type: StreamType): Feed {
  return type === 'bookTicker' ? 'quotes' : 'trades';
}

/** The exchange's name of a stream, such as `btcusdt@trade`. */
export function streamName(symbol: MarketSymbol, type: StreamType): string {
  return `${symbol.toLowerCase()}@${type}`;
}
