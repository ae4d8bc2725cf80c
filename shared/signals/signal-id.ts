import type { SignalKind } from '../events/signal.ts';
import type { MarketSymbol } from '../units.ts';

const OFFSET_BASIS = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const MASK = 0xffffffffffffffffn;

/**
 * The id of a signal: FNV-1a, 64 bits, over `kind|symbol|id of the opening event`, as 16 hex digits. It names,
 * it does not protect: a pure hash without a crypto module is enough. At a million signals the chance that two
 * share an id is under one in 30 million.
 * @see https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
 */
export function signalId(kind: SignalKind, symbol: MarketSymbol, openedBy: number): string {
  let hash = OFFSET_BASIS;
  for (const byte of Buffer.from(`${kind}|${symbol}|${openedBy}`)) {
    hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  }
  return hash.toString(16).padStart(16, '0');
}
