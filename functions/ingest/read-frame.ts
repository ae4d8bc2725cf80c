import type { RawHeader } from '../../shared/events/raw-header.ts';
import type { Feed } from '../../shared/events/tick.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';

/** What ingest must know of a frame; it never changes it. */
export type FrameFacts =
  | {
      readonly kind: 'trade';
      readonly symbol: MarketSymbol;
      readonly tradeId: number;
      readonly tradeTimeUs: Micros;
      /** `E`, else `T`. */
      readonly exchangeUs: Micros;
    }
  /** An aggTrade, a kline, a quote, or a frame that validate will refuse. The times are null where it has none. */
  | { readonly kind: 'other'; readonly symbol: MarketSymbol | null; readonly exchangeUs: Micros | null }
  /** The exchange is about to close the socket. */
  | { readonly kind: 'shutdown' }
  /** An answer to a request of ours: not market data. */
  | { readonly kind: 'answer' };

/** STAND-IN until shared/binance lands. */
export function readFrame(
  bytes: Buffer,
  _feed: Feed,
  _header: RawHeader,
  symbol?: MarketSymbol | null,
): FrameFacts {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return { kind: 'other', symbol: symbol ?? null, exchangeUs: null };
  }
  const outer = record(value);
  const data = record(outer.data ?? outer);
  if (outer.id !== undefined && 'result' in outer) return { kind: 'answer' };
  if (data.e === 'serverShutdown') return { kind: 'shutdown' };
  const own = typeof data.s === 'string' ? data.s : (symbol ?? null);
  const time = (field: string): Micros | null => {
    const given = data[field];
    return typeof given === 'number' ? given * 1_000 : null;
  };
  if (data.e === 'trade' && own !== null && typeof data.t === 'number' && time('T') !== null)
    return {
      kind: 'trade',
      symbol: own,
      tradeId: data.t,
      tradeTimeUs: time('T') ?? 0,
      exchangeUs: time('E') ?? time('T') ?? 0,
    };
  if (typeof data.id === 'number' && own !== null && time('time') !== null)
    return {
      kind: 'trade',
      symbol: own,
      tradeId: data.id,
      tradeTimeUs: time('time') ?? 0,
      exchangeUs: time('time') ?? 0,
    };
  return { kind: 'other', symbol: own, exchangeUs: time('E') };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
