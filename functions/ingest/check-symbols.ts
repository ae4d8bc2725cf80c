import type { MarketSymbol } from '../../shared/units.ts';
import type { RestClient } from './rest-client.ts';

/** What the exchange says of a symbol. */
export interface SymbolVerdict {
  readonly symbol: MarketSymbol;
  /** Whether it is worth watching: a halted symbol is, an unknown one is not. */
  readonly isKnown: boolean;
  /** What is wrong, for a person; null where nothing is. */
  readonly message: string | null;
}

/** Symbols asked for in one call; the address must stay short. */
const TOGETHER = 100;

/**
 * Asks the exchange about the symbols to be watched and says which are unknown, halted or delisted. Where it
 * cannot be asked, every symbol counts as known.
 */
export async function checkSymbols(
  rest: RestClient,
  symbols: readonly MarketSymbol[],
): Promise<readonly SymbolVerdict[]> {
  const verdicts: SymbolVerdict[] = [];
  for (let at = 0; at < symbols.length; at += TOGETHER)
    verdicts.push(...(await checkTogether(rest, symbols.slice(at, at + TOGETHER))));
  return verdicts;
}

async function checkTogether(
  rest: RestClient,
  symbols: readonly MarketSymbol[],
): Promise<readonly SymbolVerdict[]> {
  const answer = await rest.get('/api/v3/exchangeInfo', { symbols: JSON.stringify(symbols) });
  if (answer.kind === 'answer') return judgeSymbols(symbols, answer.body.toString('utf8'));
  if (answer.kind === 'refused' && answer.refusal.code === 'UNKNOWN_SYMBOL') {
    const [only] = symbols;
    if (symbols.length === 1 && only !== undefined) return [unknown(only)];
    // One wrong symbol fails the whole call: halving finds it in few calls.
    const half = Math.ceil(symbols.length / 2);
    return [
      ...(await checkTogether(rest, symbols.slice(0, half))),
      ...(await checkTogether(rest, symbols.slice(half))),
    ];
  }
  return symbols.map((symbol) => ({ symbol, isKnown: true, message: null }));
}

/** Judges symbols by the text of an `exchangeInfo` answer. Pure. */
export function judgeSymbols(symbols: readonly MarketSymbol[], text: string): readonly SymbolVerdict[] {
  const states = new Map<string, string>();
  try {
    const info: unknown = JSON.parse(text);
    const listed = isRecord(info) && Array.isArray(info.symbols) ? info.symbols : [];
    for (const entry of listed)
      if (isRecord(entry) && typeof entry.symbol === 'string') states.set(entry.symbol, String(entry.status));
  } catch {
    return symbols.map((symbol) => ({ symbol, isKnown: true, message: null }));
  }
  return symbols.map((symbol) => {
    const state = states.get(symbol);
    if (state === undefined) return unknown(symbol);
    return { symbol, isKnown: true, message: state === 'TRADING' ? null : notTrading(symbol, state) };
  });
}

function notTrading(symbol: MarketSymbol, state: string): string {
  if (state === 'HALT' || state === 'AUCTION_MATCH')
    return `${symbol} is halted (${state}): it is watched, and nothing comes until trading goes on.`;
  if (state === 'BREAK')
    return `${symbol} does not trade (BREAK): it may be delisted. Take it out of SYMBOLS.`;
  return `${symbol} does not trade now (${state}).`;
}

function unknown(symbol: MarketSymbol): SymbolVerdict {
  const message = `${symbol} is no symbol of this exchange: check its spelling in SYMBOLS, or it was delisted.`;
  return { symbol, isKnown: false, message };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
