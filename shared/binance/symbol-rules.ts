import { type Refused, refuse, shown } from '../events/reasons.ts';
import type { ReadContext } from './raw-record.ts';

/** The exchange has symbols with letters beyond ASCII; none has quotes, spaces or control characters. */
const SYMBOL = /^[\p{L}\p{N}._-]{1,32}$/u;

/** Why a record of this symbol is refused; undefined where it is not. */
export function symbolRefusal(symbol: string, context: ReadContext): Refused | undefined {
  if (!SYMBOL.test(symbol) || symbol !== symbol.toUpperCase()) {
    return refuse('SYMBOL_INVALID', `It is ${shown(symbol)}.`);
  }
  if (symbol !== context.key) {
    return refuse('SYMBOL_NOT_KEY', `The symbol is ${shown(symbol)}, the key ${shown(context.key)}.`);
  }
  if (context.rules.symbols?.has(symbol) === false) {
    return refuse('SYMBOL_NOT_ALLOWED', `It is ${shown(symbol)}.`);
  }
  return undefined;
}
