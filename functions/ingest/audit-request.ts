import type { MarketSymbol, Millis } from '../../shared/units.ts';

/** The length of the klines that minutes are held against. */
export const MINUTE_MS: Millis = 60_000;

/** A minute that aggregate wants to see the exchange's kline of. */
export interface AuditRequest {
  readonly symbol: MarketSymbol;
  readonly openTimeMs: Millis;
}

/** Reads a request (`{"symbol","open_time_ms"}`); undefined where it is none. */
export function parseAuditRequest(text: string): AuditRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { symbol, open_time_ms } = value as { readonly symbol?: unknown; readonly open_time_ms?: unknown };
  if (typeof symbol !== 'string' || typeof open_time_ms !== 'number') return undefined;
  return Number.isSafeInteger(open_time_ms) && open_time_ms % MINUTE_MS === 0
    ? { symbol, openTimeMs: open_time_ms }
    : undefined;
}
