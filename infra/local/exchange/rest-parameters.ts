import { CodedError } from '../../../shared/coded-error.ts';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';

/** A request that the exchange refuses with status 400: its code is in `data.code`. */
export function refusal(code: number, message: string): CodedError {
  return new CodedError('EXCHANGE_REFUSAL', message, { data: { code } });
}

/** Whether an error is one of {@link refusal}. */
export function isRestRefusal(error: unknown): error is CodedError {
  return error instanceof CodedError && error.code === 'EXCHANGE_REFUSAL';
}

const SYMBOL = /^[A-Z0-9\-_.]{1,20}$/;

/** The parameters of a request, each checked when it is asked for; a bad one throws a {@link refusal}. */
export class RestParameters {
  readonly #query: URLSearchParams;

  constructor(query: URLSearchParams) {
    this.#query = query;
  }

  /** A parameter that must be there. */
  required(name: string): string {
    const text = this.#query.get(name);
    if (text !== null && text !== '') return text;
    throw refusal(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
  }

  /** A whole number of zero or above. */
  whole(name: string): number | undefined {
    const text = this.#query.get(name);
    if (text === null) return undefined;
    if (text === '') throw refusal(-1105, `Parameter '${name}' was empty.`);
    const value = Number(text);
    if (!/^\d{1,20}$/.test(text) || !Number.isSafeInteger(value)) {
      throw refusal(
        -1100,
        `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`,
      );
    }
    return value;
  }

  /** A time in milliseconds, or in microseconds from 10^14 on, which is how Binance tells them apart. */
  timeUs(name: string): Micros | undefined {
    const value = this.whole(name);
    return value === undefined || value >= 100_000_000_000_000 ? value : value * 1000;
  }

  /** A symbol in upper case. */
  symbol(name: string): MarketSymbol | undefined {
    const text = this.#query.get(name);
    if (text === null || text === '') return undefined;
    if (SYMBOL.test(text)) return text;
    throw refusal(
      -1100,
      `Illegal characters found in parameter '${name}'; legal range is '${SYMBOL.source}'.`,
    );
  }

  /** `symbol` or `symbols=["A","B"]`; undefined where neither is given. */
  symbols(): readonly MarketSymbol[] | undefined {
    const one = this.symbol('symbol');
    const text = this.#query.get('symbols');
    if (one !== undefined && text !== null)
      throw refusal(-1128, 'Combination of optional parameters invalid.');
    if (one !== undefined) return [one];
    if (text === null) return undefined;
    const symbols = parseList(text);
    if (symbols === undefined) throw refusal(-1100, "Illegal characters found in parameter 'symbols'.");
    return symbols;
  }
}

function parseList(text: string): readonly MarketSymbol[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value)) return undefined;
    return value.flatMap((symbol) => (typeof symbol === 'string' ? [symbol] : []));
  } catch {
    return undefined;
  }
}
