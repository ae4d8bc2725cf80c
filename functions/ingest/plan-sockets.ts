import type { Feed } from '../../shared/events/tick.ts';
import { feedOf, type StreamType, streamName } from '../../shared/stream-type.ts';
import type { MarketSymbol } from '../../shared/units.ts';

/** The streams of one socket. All streams of a symbol's feed share a socket, so that its order holds. */
export interface SocketPlan {
  /** `t0`, `t1`, … for trades, `q0`, … for quotes. */
  readonly name: string;
  readonly feed: Feed;
  readonly symbols: readonly MarketSymbol[];
  readonly streams: readonly string[];
  readonly url: string;
}

/** What a socket may carry. */
export interface SocketLimits {
  /** @default 1024, the exchange's own limit */
  readonly maxStreams?: number;
  /** Characters of the address; servers and proxies cut at 8 KB. @default 7500 */
  readonly maxUrlLength?: number;
}

/** Spreads the streams of all symbols over sockets: trades apart from quotes, each within the limits. */
export function planSockets(
  settings: {
    readonly streamUrl: string;
    readonly symbols: readonly MarketSymbol[];
    readonly streams: readonly StreamType[];
    readonly microseconds: boolean;
  },
  limits: SocketLimits = {},
): readonly SocketPlan[] {
  const { maxStreams = 1_024, maxUrlLength = 7_500 } = limits;
  const base = settings.streamUrl.replace(/\/+$/, '');
  const address = (streams: readonly string[]): string =>
    `${base}/stream?streams=${streams.join('/')}${settings.microseconds ? '&timeUnit=MICROSECOND' : ''}`;
  const plans: SocketPlan[] = [];
  for (const feed of ['trades', 'quotes'] as const) {
    const types = settings.streams.filter((type) => feedOf(type) === feed);
    if (types.length === 0) continue;
    let symbols: MarketSymbol[] = [];
    let streams: string[] = [];
    let sockets = 0;
    const close = (): void => {
      if (symbols.length === 0) return;
      plans.push({ name: `${feed[0]}${sockets}`, feed, symbols, streams, url: address(streams) });
      sockets += 1;
      symbols = [];
      streams = [];
    };
    for (const symbol of settings.symbols) {
      const more = types.map((type) => streamName(symbol, type));
      const together = [...streams, ...more];
      if (together.length > maxStreams || address(together).length > maxUrlLength) close();
      symbols.push(symbol);
      streams.push(...more);
    }
    close();
  }
  return plans;
}
