import type { Fetch } from '../../../functions/ingest/rest-client.ts';
import { BINANCE_LIMITS } from '../../../infra/local/exchange/exchange-limits.ts';
import type { FaultSchedule, RequestFault } from '../../../infra/local/exchange/fault-schedule.ts';
import type { MarketSource, TradeRange } from '../../../infra/local/exchange/market-source.ts';
import { answerRest, restWeight } from '../../../infra/local/exchange/rest-answer.ts';
import { SimulatedSource } from '../../../infra/local/exchange/simulated-source.ts';
import { WeightBudget } from '../../../infra/local/exchange/weight-budget.ts';
import type { SimulatedMarket } from '../../../infra/local/market/simulated-market.ts';
import type { Clock } from '../../../shared/clock.ts';
import { type MarketSymbol, MINUTE_US, type Micros, type Millis } from '../../../shared/units.ts';

/** What a seed decides of REST beside the faults of single requests. Times count from the start. */
export interface RestConditions {
  /** 503 to everything meanwhile; up to `Infinity` REST never comes back. */
  readonly downMs: readonly [from: Millis, to: Millis] | undefined;
  /** How far its database is behind the sockets; to the end. */
  readonly lagMs: Millis;
  /** Single trades older than this are not given; to the end. */
  readonly forgetsAfterMs: Millis | undefined;
  /** Weight that others behind the same address use in each minute, until then. */
  readonly others: { readonly weight: number; readonly untilMs: Millis } | undefined;
}

/** A request and what came of it: a status, or `hung` where no answer came. */
export interface SimRequest {
  /** Which process asked, counted over the simulation. */
  readonly process: number;
  readonly sinceMs: Millis;
  readonly path: string;
  readonly query: string;
  readonly weight: number;
  outcome: number | 'hung' | 'pending';
  /** When it was answered. */
  answeredMs: Millis;
  /** The weight of the minute that the answer told; 0 where it told none. */
  toldWeight: number;
}

/** What the REST of a simulation stands on. */
export interface SimRestOptions {
  readonly market: SimulatedMarket;
  readonly clock: Clock;
  readonly schedule: FaultSchedule;
  readonly conditions: RestConditions;
  /** Host that answers HTTP 451 to everything; undefined where none does. */
  readonly refusingHost: string | undefined;
}

/** REST of the simulated market, with the faults of a schedule; it remembers what it was asked. */
export class SimRest {
  readonly requests: SimRequest[] = [];
  /** Ids that were asked for and are too old to be given. */
  readonly gone = new Map<MarketSymbol, Set<number>>();
  /** Calls answered, which tells the driver that something moves. */
  calls = 0;
  readonly #options: SimRestOptions;
  readonly #source: MarketSource;
  readonly #startUs: Micros;
  readonly #budget = new WeightBudget(BINANCE_LIMITS);
  #othersMinute = -1;

  constructor(options: SimRestOptions) {
    this.#options = options;
    const { market, clock, conditions } = options;
    this.#startUs = clock.nowUs();
    const late: Clock = {
      nowUs: () => clock.nowUs() - conditions.lagMs * 1_000,
      after: (delayMs, task) => clock.after(delayMs, task),
    };
    const source = new SimulatedSource(market, late);
    this.#source = {
      symbols: source.symbols,
      nowUs: () => source.nowUs(),
      play: (listener) => source.play(listener),
      trades: (symbol, range, unit) => source.trades(symbol, this.#remembered(symbol, range), unit),
      aggTrades: (symbol, range, unit) => source.aggTrades(symbol, range, unit),
      klines: (symbol, range, unit) => source.klines(symbol, range, unit),
    };
  }

  /** How far the clock that the exchange tells is ahead. */
  aheadUs(): Micros {
    const sinceMs = this.#sinceMs();
    const { schedule } = this.#options;
    return schedule.active(sinceMs) ? Math.abs(schedule.clockErrorUs(sinceMs)) : 0;
  }

  /** What a process asks through. */
  fetchFor(process: number): Fetch {
    return async (url, { signal }) => {
      this.calls += 1;
      const address = new URL(url);
      const request: SimRequest = {
        process,
        sinceMs: this.#sinceMs(),
        path: address.pathname,
        query: address.search,
        weight: restWeight(address.pathname) ?? 0,
        outcome: 'pending',
        answeredMs: Infinity,
        toldWeight: 0,
      };
      const fault = this.#faultOf(this.requests.length, address.host);
      this.requests.push(request);
      await this.#after(20);
      if (fault === 'refusing') return this.#told(request, 451, '{"code":0,"msg":"restricted location"}');
      if (fault === 'down') return this.#told(request, 503, '{}');
      switch (fault.kind) {
        case 'refused': {
          const retryAfter = { 'retry-after': String(fault.retryAfterS) };
          return this.#told(request, fault.status, '{"code":-1003,"msg":"slow down"}', retryAfter);
        }
        case 'failed':
          return this.#told(request, fault.status, '{}');
        case 'hung':
          request.outcome = 'hung';
          return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        case 'slow':
          await this.#after(fault.delayMs);
          return this.#answer(request, address);
        case 'none':
          return this.#answer(request, address);
      }
    };
  }

  #faultOf(index: number, host: string): RequestFault | 'refusing' | 'down' {
    const { schedule, conditions, refusingHost } = this.#options;
    const sinceMs = this.#sinceMs();
    if (host === refusingHost) return 'refusing';
    const [fromMs, toMs] = conditions.downMs ?? [Infinity, Infinity];
    if (sinceMs >= fromMs && sinceMs < toMs) return 'down';
    return schedule.active(sinceMs) ? schedule.request(index) : { kind: 'none' };
  }

  #answer(request: SimRequest, address: URL): Response {
    const nowUs = this.#options.clock.nowUs();
    this.#takeOthers(nowUs);
    const verdict = this.#budget.take('', request.weight, nowUs);
    const used = { 'x-mbx-used-weight-1m': String(verdict.used) };
    request.toldWeight = verdict.used;
    if (verdict.kind !== 'allowed') {
      const status = verdict.kind === 'banned' ? 418 : 429;
      return this.#told(request, status, '{"code":-1003,"msg":"too much weight"}', {
        ...used,
        'retry-after': String(verdict.retryAfterS),
      });
    }
    const found = answerRest(address.pathname, address.searchParams, {
      source: this.#source,
      limits: BINANCE_LIMITS,
      nowUs: nowUs + this.aheadUs(),
      unit: 'ms',
    });
    return this.#told(request, found.status, found.body, used);
  }

  /** What others behind the address use goes first in every minute. */
  #takeOthers(nowUs: Micros): void {
    const { others } = this.#options.conditions;
    const minute = Math.floor(nowUs / MINUTE_US);
    if (others === undefined || this.#sinceMs() >= others.untilMs || minute === this.#othersMinute) return;
    this.#othersMinute = minute;
    this.#budget.take('', others.weight, nowUs);
  }

  #remembered(symbol: MarketSymbol, range: TradeRange): TradeRange {
    const { market, clock, conditions } = this.#options;
    const profile = market.find(symbol);
    const { forgetsAfterMs } = conditions;
    if (range.kind !== 'from-id' || profile === undefined || forgetsAfterMs === undefined) return range;
    const oldest = market.lastTradeId(profile, clock.nowUs() - forgetsAfterMs * 1_000) + 1;
    const gone = this.gone.get(symbol) ?? new Set();
    this.gone.set(symbol, gone);
    for (let id = range.fromId; id < Math.min(oldest, range.fromId + range.limit); id += 1) gone.add(id);
    return { ...range, fromId: Math.max(range.fromId, oldest) };
  }

  #told(
    request: SimRequest,
    status: number,
    body: string,
    headers: Readonly<Record<string, string>> = {},
  ): Response {
    request.outcome = status;
    request.answeredMs = this.#sinceMs();
    return new Response(body, { status, headers });
  }

  #sinceMs(): Millis {
    return (this.#options.clock.nowUs() - this.#startUs) / 1_000;
  }

  async #after(ms: Millis): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#options.clock.after(ms, resolve);
    });
    this.calls += 1;
  }
}
