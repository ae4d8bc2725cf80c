import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../shared/clock.ts';
import type { Micros } from '../../../shared/units.ts';
import type { ExchangeLimits } from './exchange-limits.ts';
import type { FaultSchedule } from './fault-schedule.ts';
import type { MarketSource } from './market-source.ts';
import { answerRest, restWeight } from './rest-answer.ts';
import { WeightBudget } from './weight-budget.ts';

/** What the REST side of an exchange is made of. */
export interface RestServerDeps {
  readonly source: MarketSource;
  readonly clock: Clock;
  readonly limits: ExchangeLimits;
  readonly faults: FaultSchedule | undefined;
  faultsActive(): boolean;
  /** The exchange's time as it tells it. */
  toldUs(): Micros;
  /** `full`; `market-data-only` has no historicalTrades; `restricted` answers 451 to everything. */
  readonly service: ExchangeService;
}

/** Which of Binance's hosts the exchange stands for. */
export type ExchangeService = 'full' | 'market-data-only' | 'restricted';

const JSON_TYPE = 'application/json;charset=UTF-8';
const UNKNOWN_ERROR = '{"code":-1000,"msg":"An unknown error occurred while processing the request."}';
const NO_PATH = '{"code":-1000,"msg":"Path not found."}';
const NO_METHOD = '{"code":-1000,"msg":"Request method not supported."}';
const RESTRICTED =
  '{"code":0,"msg":"Service unavailable from a restricted location according to \'b. Eligibility\' in https://www.binance.com/en/terms. Please contact customer service if you believe you received this message in error."}';

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers REST requests with weights, limits, bans and faults. */
export class RestServer {
  readonly #deps: RestServerDeps;
  readonly #budget: WeightBudget;
  #requests = 0;

  constructor(deps: RestServerDeps) {
    this.#deps = deps;
    this.#budget = new WeightBudget(deps.limits);
  }

  /** Answers one request. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const { faults, faultsActive, clock } = this.#deps;
    const fault = faults !== undefined && faultsActive() ? faults.request(this.#requests) : undefined;
    this.#requests += 1;
    switch (fault?.kind) {
      case 'refused':
        send(response, {
          status: fault.status,
          body: tooMuch(this.#deps.limits),
          headers: { 'Retry-After': String(fault.retryAfterS) },
        });
        return;
      case 'failed':
        send(response, { status: fault.status, body: UNKNOWN_ERROR });
        return;
      case 'slow':
        clock.after(fault.delayMs, () => send(response, this.#answer(request)));
        return;
      case 'hung':
        return;
      default:
        send(response, this.#answer(request));
    }
  }

  #answer(request: IncomingMessage): Reply {
    const { clock, limits, service, source, toldUs } = this.#deps;
    if (service === 'restricted') return { status: 451, body: RESTRICTED };
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const weight = restWeight(pathname);
    const hidden = service === 'market-data-only' && pathname === '/api/v3/historicalTrades';
    if (weight === undefined || hidden) return { status: 404, body: NO_PATH };
    if (request.method !== 'GET') return { status: 405, body: NO_METHOD, headers: { Allow: 'GET' } };
    const verdict = this.#budget.take(request.socket.remoteAddress ?? '', weight, clock.nowUs());
    const used = { 'X-MBX-USED-WEIGHT': String(verdict.used), 'X-MBX-USED-WEIGHT-1M': String(verdict.used) };
    if (verdict.kind !== 'allowed') {
      const headers = { ...used, 'Retry-After': String(verdict.retryAfterS) };
      if (verdict.kind === 'too-many') return { status: 429, body: tooMuch(limits), headers };
      const until = Math.floor(verdict.untilUs / 1000);
      const msg = `Way too much request weight used; IP banned until ${until}. Please use WebSocket Streams for live updates to avoid bans.`;
      return { status: 418, body: JSON.stringify({ code: -1003, msg }), headers };
    }
    const unit = /^microsecond$/i.test(String(request.headers['x-mbx-time-unit'] ?? '')) ? 'us' : 'ms';
    return {
      ...answerRest(pathname, searchParams, { source, limits, nowUs: toldUs(), unit }),
      headers: used,
    };
  }
}

function tooMuch(limits: ExchangeLimits): string {
  const msg = `Too much request weight used; current limit is ${limits.weightPerMinute} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`;
  return JSON.stringify({ code: -1003, msg });
}

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  response.writeHead(status, { 'Content-Type': JSON_TYPE, ...headers });
  response.end(body);
}
