import type { MarketSymbol } from '../../../shared/units.ts';
import type { StreamType } from './recorded-item.ts';

/** The stream types that the monitor knows, in the order of the default setting. */
export const STREAM_TYPES: readonly StreamType[] = ['trade', 'aggTrade', 'bookTicker', 'kline_1m'];

/** A stream's name taken apart; `stream` is undefined where the type is not one that is watched. */
export interface StreamName {
  readonly symbol: MarketSymbol;
  readonly stream: StreamType | undefined;
}

/** `btcusdt@trade` taken apart. */
export function parseStreamName(name: string): StreamName {
  const at = name.indexOf('@');
  const type = at < 0 ? '' : name.slice(at + 1);
  return {
    symbol: (at < 0 ? name : name.slice(0, at)).toUpperCase(),
    stream: STREAM_TYPES.find((known) => known === type),
  };
}
