import { readRawRecord } from '../../shared/binance/read-raw-record.ts';
import type { ValidationRules } from '../../shared/binance/validation-rules.ts';
import type { AggTrade } from '../../shared/events/agg-trade.ts';
import { splitJsonArray } from '../../shared/json-elements.ts';
import type { MarketSymbol, Micros, Millis } from '../../shared/units.ts';
import type { RestClient } from './rest-client.ts';

/** The id of the first trade since a time, issued already or the next one to come. */
export type FirstTrade =
  | { readonly kind: 'found'; readonly id: number }
  | { readonly kind: 'later'; readonly afterMs: Millis; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** Where the first trade is looked up. */
export interface FirstTradeOptions {
  /** Serves `aggTrades`. */
  readonly rest: RestClient;
  readonly rules: ValidationRules;
  readonly nowUs: Micros;
}

type Page =
  | { readonly kind: 'aggregate'; readonly aggregate: AggTrade }
  | { readonly kind: 'empty' }
  | Exclude<FirstTrade, { readonly kind: 'found' }>;

/** Looks up the first trade of a symbol since a time; where there was none yet, the id that it will have. */
export async function firstTradeSince(
  options: FirstTradeOptions,
  symbol: MarketSymbol,
  sinceUs: Micros,
): Promise<FirstTrade> {
  const since = { symbol, startTime: Math.floor(sinceUs / 1_000), limit: 1 };
  // A trade may come between the two questions; the first one then has another answer.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const first = await ask(options, since);
    if (first.kind === 'aggregate') return { kind: 'found', id: first.aggregate.firstTradeId };
    if (first.kind !== 'empty') return first;
    const newest = await ask(options, { symbol, limit: 1 });
    if (newest.kind === 'empty') return { kind: 'unknown', why: 'the exchange knows no trade of it' };
    if (newest.kind !== 'aggregate') return newest;
    const { aggregate } = newest;
    if (aggregate.tradeTimeUs < sinceUs) return { kind: 'found', id: aggregate.lastTradeId + 1 };
  }
  return { kind: 'later', afterMs: 1_000, why: 'the exchange gave two answers that do not fit' };
}

async function ask(
  { rest, rules, nowUs }: FirstTradeOptions,
  query: Readonly<Record<string, string | number>> & { readonly symbol: MarketSymbol },
): Promise<Page> {
  const answer = await rest.get('/api/v3/aggTrades', query);
  if (answer.kind === 'later') {
    return { kind: 'later', afterMs: answer.afterMs, why: answer.refusal.message };
  }
  if (answer.kind === 'refused') return { kind: 'unknown', why: answer.refusal.message };
  const [bytes] = splitJsonArray(answer.body) ?? [];
  if (bytes === undefined) return { kind: 'empty' };
  const raw = { partition: 0, offset: 0 };
  const outcome = readRawRecord(
    { value: bytes, key: query.symbol, header: undefined, raw, timestampMs: nowUs / 1_000 },
    rules,
  );
  return outcome.kind === 'event' && outcome.event.kind === 'aggTrade'
    ? { kind: 'aggregate', aggregate: outcome.event }
    : { kind: 'unknown', why: 'the exchange’s answer is no aggregate trade' };
}
