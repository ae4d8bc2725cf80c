import type { Clock } from '../../shared/clock.ts';
import type { Millis } from '../../shared/units.ts';
import { explainRefusal, type Refusal } from './explain-refusal.ts';
import { WeightBudget } from './weight-budget.ts';

/** What a REST call came to. */
export type RestAnswer =
  | { readonly kind: 'answer'; readonly body: Buffer }
  /** Over the budget, told to slow down, or a fault that may pass. */
  | { readonly kind: 'later'; readonly afterMs: Millis; readonly refusal: Refusal }
  /** It will not be answered like this. */
  | { readonly kind: 'refused'; readonly status: number | null; readonly refusal: Refusal };

/** The part of `fetch` that is used; injected. */
export type Fetch = (url: string, init: { readonly signal: AbortSignal }) => Promise<Response>;

/** What the client runs on. */
export interface RestClientOptions {
  /** Such as `https://api.binance.com`. */
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** @default 10,000 */
  readonly timeoutMs?: Millis;
  /** Weight per minute that this process allows itself. @default 4,800 of the exchange's 6,000 */
  readonly weightPerMinute?: number;
  readonly microseconds?: boolean;
}

/** The calls that are made, and what each weighs. */
export const WEIGHTS = {
  '/api/v3/historicalTrades': 25,
  '/api/v3/aggTrades': 4,
  '/api/v3/klines': 2,
  '/api/v3/time': 1,
  '/api/v3/exchangeInfo': 20,
} as const;

export type RestPath = keyof typeof WEIGHTS;

/**
 * Market data over REST, within the weight budget that the exchange's headers tell. It never throws for what can
 * be expected of a network or an exchange.
 */
export class RestClient {
  readonly baseUrl: string;
  readonly #options: RestClientOptions;
  readonly #budget: WeightBudget;

  constructor(options: RestClientOptions) {
    this.#options = options;
    this.baseUrl = options.baseUrl.replace(/\/+$/, '');
    this.#budget = new WeightBudget(options.clock, options.weightPerMinute);
  }

  /** Weight used in the running minute, as far as known. */
  get usedWeight(): number {
    return this.#budget.used;
  }

  async get(path: RestPath, query: Readonly<Record<string, string | number>> = {}): Promise<RestAnswer> {
    const url = this.#url(path, query);
    const waitMs = this.#budget.take(WEIGHTS[path]);
    if (waitMs > 0)
      return {
        kind: 'later',
        afterMs: waitMs,
        refusal: {
          code: 'OWN_BUDGET',
          message: this.#budget.isBlocked
            ? 'The exchange has asked to wait (Retry-After).'
            : 'The weight budget of this minute is used up.',
          canRetry: true,
        },
      };
    const stop = new AbortController();
    const timer = this.#options.clock.after(this.#options.timeoutMs ?? 10_000, () => stop.abort());
    try {
      const response = await this.#options.fetch(url, { signal: stop.signal });
      const body = Buffer.from(await response.arrayBuffer());
      const used = wholeNumber(response.headers.get('x-mbx-used-weight-1m'));
      if (used !== undefined) this.#budget.told(used);
      return response.ok ? { kind: 'answer', body } : this.#refused(url, response, body);
    } catch (error) {
      const refusal = stop.signal.aborted
        ? explainRefusal(url, { errorCode: 'TIMEOUT' })
        : explainRefusal(url, factsOf(error));
      return { kind: 'later', afterMs: 2_000, refusal };
    } finally {
      timer.cancel();
    }
  }

  #refused(url: string, response: Response, body: Buffer): RestAnswer {
    const retryAfterS = wholeNumber(response.headers.get('retry-after'));
    const refusal = explainRefusal(url, {
      status: response.status,
      body: body.toString('utf8').slice(0, 1_000),
      ...(retryAfterS !== undefined && { retryAfterS }),
    });
    if (response.status === 429 || response.status === 418) {
      const afterMs = (retryAfterS ?? (response.status === 418 ? 120 : 10)) * 1_000;
      this.#budget.blockFor(afterMs);
      return { kind: 'later', afterMs, refusal };
    }
    return refusal.canRetry
      ? { kind: 'later', afterMs: (retryAfterS ?? 2) * 1_000, refusal }
      : { kind: 'refused', status: response.status, refusal };
  }

  #url(path: RestPath, query: Readonly<Record<string, string | number>>): string {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) parameters.set(name, String(value));
    const text = parameters.toString();
    return `${this.baseUrl}${path}${text && `?${text}`}`;
  }
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** `fetch` hides the reason of a failure in `cause`. */
function factsOf(error: unknown): { readonly errorCode?: string; readonly errorMessage?: string } {
  let inner: unknown = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof AggregateError) inner = inner.errors[0];
  if (!(inner instanceof Error)) return {};
  const code = 'code' in inner && typeof inner.code === 'string' ? inner.code : undefined;
  return { ...(code !== undefined && { errorCode: code }), errorMessage: inner.message };
}
