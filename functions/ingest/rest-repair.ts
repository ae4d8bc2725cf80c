import { readRawRecord } from '../../shared/binance/read-raw-record.ts';
import type { ValidationRules } from '../../shared/binance/validation-rules.ts';
import type { Clock } from '../../shared/clock.ts';
import { splitJsonArray } from '../../shared/json-elements.ts';
import type { Gap } from '../../shared/ledger/gap.ts';
import type { MarketSymbol } from '../../shared/units.ts';
import type { Refusal } from './explain-refusal.ts';
import type { RestAnswer, RestClient } from './rest-client.ts';
import type { RepairedRecord, RepairPage, TradeRepair } from './trade-repair.ts';

/** The exchange's limit of a page. */
const PAGE = 1_000;

/** What a repair over REST works with. */
export interface RestRepairOptions {
  readonly clock: Clock;
  readonly rules: ValidationRules;
  /** Serves `historicalTrades`. */
  readonly trades: RestClient;
  /** Serves `aggTrades`, where the other refuses. */
  readonly aggregates: RestClient;
  /** Told once, when the mode falls back. */
  readonly onFallback: (refusal: Refusal) => void;
}

/**
 * Repairs by id over REST: single trades by `historicalTrades`; once that host refuses for good (HTTP 451, or a
 * host that does not serve it), aggregates by `aggTrades`. Aggregates may overlap trades that were seen.
 */
export class RestRepair implements TradeRepair {
  readonly #options: RestRepairOptions;
  #byAggregates = false;
  /** The aggregate id that the next page of a gap begins with. */
  readonly #nextAggregate = new WeakMap<Gap, number>();

  constructor(options: RestRepairOptions) {
    this.#options = options;
  }

  get mode(): string {
    return this.#byAggregates
      ? `by aggregates from ${this.#options.aggregates.baseUrl}`
      : `by id from ${this.#options.trades.baseUrl}`;
  }

  async fetch(gap: Gap, from: number): Promise<RepairPage> {
    if (!this.#byAggregates) {
      const limit = Math.min(PAGE, gap.to - from + 1);
      const answer = await this.#options.trades.get('/api/v3/historicalTrades', {
        symbol: gap.symbol,
        fromId: from,
        limit,
      });
      if (answer.kind !== 'refused')
        return this.#page(answer, gap, (record) => record.to >= from && record.to <= gap.to);
      if (answer.refusal.code === 'UNKNOWN_SYMBOL') return { kind: 'gone', why: answer.refusal.message };
      this.#byAggregates = true;
      this.#options.onFallback(answer.refusal);
    }
    return this.#fetchAggregates(gap, from);
  }

  async #fetchAggregates(gap: Gap, from: number): Promise<RepairPage> {
    const fromId = this.#nextAggregate.get(gap);
    const start = fromId === undefined ? { startTime: Math.floor(gap.beforeUs / 1_000) } : { fromId };
    const query = { symbol: gap.symbol, ...start, limit: PAGE };
    const answer = await this.#options.aggregates.get('/api/v3/aggTrades', query);
    if (answer.kind !== 'answer') return this.#page(answer, gap, () => true);
    const last = splitJsonArray(answer.body)?.at(-1);
    const all = last && this.#read(gap.symbol, last);
    if (all?.aggregateId === undefined)
      return { kind: 'gone', why: 'the exchange gave no aggregates of that time' };
    this.#nextAggregate.set(gap, all.aggregateId + 1);
    if (all.to < from) return this.#fetchAggregates(gap, from);
    return this.#page(answer, gap, (record) => record.to >= from && record.from <= gap.to, all.to);
  }

  #page(
    answer: RestAnswer,
    gap: Gap,
    isWanted: (record: RepairedRecord) => boolean,
    reachedId?: number,
  ): RepairPage {
    if (answer.kind === 'later')
      return { kind: 'later', afterMs: answer.afterMs, why: answer.refusal.message };
    if (answer.kind === 'refused') return { kind: 'gone', why: answer.refusal.message };
    const elements = splitJsonArray(answer.body);
    if (elements === undefined)
      return { kind: 'later', afterMs: 5_000, why: 'the answer is not a JSON array' };
    const records: RepairedRecord[] = [];
    for (const bytes of elements) {
      const record = this.#read(gap.symbol, bytes);
      if (record !== undefined && isWanted(record)) records.push(record);
    }
    return { kind: 'records', records, ...(reachedId !== undefined && { reachedId }) };
  }

  /** A trade or an aggregate, if it passes the rules that validate applies. */
  #read(
    symbol: MarketSymbol,
    bytes: Buffer,
  ): (RepairedRecord & { readonly aggregateId?: number }) | undefined {
    const header = {
      receivedUs: this.#options.clock.nowUs(),
      connection: 'rest',
      source: 'backfill',
      frame: 0,
    } as const;
    const outcome = readRawRecord(
      { value: bytes, key: symbol, header, raw: { partition: 0, offset: 0 }, timestampMs: 0 },
      this.#options.rules,
    );
    if (outcome.kind !== 'event') return undefined;
    const { event } = outcome;
    if (event.kind === 'trade')
      return { from: event.tradeId, to: event.tradeId, tradeTimeUs: event.tradeTimeUs, bytes };
    if (event.kind === 'aggTrade')
      return {
        from: event.firstTradeId,
        to: event.lastTradeId,
        tradeTimeUs: event.tradeTimeUs,
        bytes,
        quantity: event.quantity,
        aggregateId: event.aggTradeId,
      };
    return undefined;
  }
}
