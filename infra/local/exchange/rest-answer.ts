import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import { type TimeUnit, time } from '../market/binance-json.ts';
import { exchangeInfo } from './exchange-info.ts';
import type { ExchangeLimits } from './exchange-limits.ts';
import type { MarketSource, TradeRange } from './market-source.ts';
import { isRestRefusal, RestParameters, refusal } from './rest-parameters.ts';

/** An answer of the REST API before limits and headers. */
export interface RestAnswer {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
}

/** What a REST answer is made of. */
export interface RestContext {
  readonly source: MarketSource;
  readonly limits: ExchangeLimits;
  /** The exchange's time as it tells it. */
  readonly nowUs: Micros;
  readonly unit: TimeUnit;
}

interface Endpoint {
  readonly weight: number;
  answer(parameters: RestParameters, context: RestContext): string;
}

const MAX_LIMIT = 1_000;
const INTERVALS: Readonly<Record<string, number>> = {
  '1m': 1,
  '3m': 3,
  '5m': 5,
  '15m': 15,
  '30m': 30,
  '1h': 60,
};

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  ping: { weight: 1, answer: () => '{}' },
  time: { weight: 1, answer: (_, { nowUs, unit }) => `{"serverTime":${time(nowUs, unit)}}` },
  exchangeInfo: {
    weight: 20,
    answer: (parameters, { source, limits, nowUs, unit }) =>
      exchangeInfo(listed(parameters, source), limits, time(nowUs, unit)),
  },
  trades: {
    weight: 25,
    answer: (parameters, { source, unit }) => {
      const symbol = knownSymbol(parameters, source);
      return list(source.trades(symbol, { kind: 'newest', limit: limitOf(parameters) }, unit));
    },
  },
  historicalTrades: {
    weight: 25,
    answer: (parameters, { source, unit }) => {
      const symbol = knownSymbol(parameters, source);
      const fromId = parameters.whole('fromId');
      const limit = limitOf(parameters);
      const range: TradeRange =
        fromId === undefined ? { kind: 'newest', limit } : { kind: 'from-id', fromId, limit };
      return list(source.trades(symbol, range, unit));
    },
  },
  aggTrades: {
    weight: 4,
    answer: (parameters, { source, unit }) =>
      list(source.aggTrades(knownSymbol(parameters, source), aggregateRange(parameters), unit)),
  },
  klines: {
    weight: 2,
    answer: (parameters, { source, unit }) => {
      const symbol = knownSymbol(parameters, source);
      const minutes = INTERVALS[parameters.required('interval')];
      if (minutes === undefined) throw refusal(-1120, 'Invalid interval.');
      const startUs = parameters.timeUs('startTime');
      const endUs = parameters.timeUs('endTime');
      const klines = source.klines(symbol, { minutes, startUs, endUs, limit: limitOf(parameters) }, unit);
      if (klines === undefined) throw refusal(-1120, 'Invalid interval.');
      return list(klines);
    },
  },
};

/** The weight of a request to a path; undefined where there is no such path. */
export function restWeight(path: string): number | undefined {
  return endpointOf(path)?.weight;
}

/**
 * Answers a GET request as Binance does, its errors included.
 * @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints
 */
export function answerRest(path: string, query: URLSearchParams, context: RestContext): RestAnswer {
  const endpoint = endpointOf(path);
  if (endpoint === undefined) return { status: 404, body: '{"code":-1000,"msg":"Path not found."}' };
  try {
    return { status: 200, body: endpoint.answer(new RestParameters(query), context) };
  } catch (error) {
    if (!isRestRefusal(error)) throw error;
    return { status: 400, body: JSON.stringify({ code: error.data.code, msg: error.message }) };
  }
}

function endpointOf(path: string): Endpoint | undefined {
  const name = /^\/api\/v3\/(\w+)$/.exec(path)?.[1] ?? '';
  return Object.hasOwn(ENDPOINTS, name) ? ENDPOINTS[name] : undefined;
}

function knownSymbol(parameters: RestParameters, source: MarketSource): MarketSymbol {
  const symbol = parameters.symbol('symbol');
  if (symbol === undefined) {
    throw refusal(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
  }
  if (!source.symbols.some((known) => known.symbol === symbol)) throw refusal(-1121, 'Invalid symbol.');
  return symbol;
}

function listed(parameters: RestParameters, source: MarketSource): MarketSource['symbols'] {
  const symbols = parameters.symbols();
  if (symbols === undefined) return source.symbols;
  return symbols.map((symbol) => {
    const known = source.symbols.find((other) => other.symbol === symbol);
    if (known === undefined) throw refusal(-1121, 'Invalid symbol.');
    return known;
  });
}

function aggregateRange(parameters: RestParameters): TradeRange {
  const fromId = parameters.whole('fromId');
  const startUs = parameters.timeUs('startTime');
  const endUs = parameters.timeUs('endTime');
  const limit = limitOf(parameters);
  if (startUs === undefined && endUs === undefined) {
    return fromId === undefined ? { kind: 'newest', limit } : { kind: 'from-id', fromId, limit };
  }
  if (fromId !== undefined) throw refusal(-1128, 'Combination of optional parameters invalid.');
  return { kind: 'between', startUs, endUs, limit };
}

function limitOf(parameters: RestParameters): number {
  return Math.min(MAX_LIMIT, Math.max(1, parameters.whole('limit') ?? 500));
}

function list(texts: readonly string[]): string {
  return `[${texts.join(',')}]`;
}
