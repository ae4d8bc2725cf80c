import { readRawRecord } from '../../shared/binance/read-raw-record.ts';
import type { ValidationRules } from '../../shared/binance/validation-rules.ts';
import type { Clock } from '../../shared/clock.ts';
import { splitJsonArray } from '../../shared/json-elements.ts';
import type { Gap } from '../../shared/ledger/gap.ts';
import { type MarketSymbol, MINUTE_US, type Micros } from '../../shared/units.ts';
import type { Refusal } from './explain-refusal.ts';
import type { RestAnswer, RestClient } from './rest-client.ts';
import type { RepairedRecord, RepairPage, TradeRepair } from './trade-repair.ts';

/** The exchange's limit of a page. */
const PAGE = 1_000;
/** A host that refuses is asked again after this long: a proxy may answer 4xx for a while. */
const REFUSED_US = 15 * MINUTE_US;

/** What a repair over REST works with. */
export interface RestRepairOptions {
  readonly clock: Clock;
  readonly rules: ValidationRules;
  /** Serves `historicalTrades`. */
  readonly trades: RestClient;
  /** Serves `aggTrades`, where the other refuses. */
  readonly aggregates: RestClient;
  /** Told when the mode falls back, not again while the host goes on refusing. */
  readonly onFallback: (refusal: Refusal) => void;
}

type ReadRecord = RepairedRecord & { readonly aggregateId?: number };

interface ReadPage {
  readonly kind: 'read';
  readonly records: readonly ReadRecord[];
  /** Elements of the answer, those included that the rules refuse. */
  readonly count: number;
}

/**
 * Repairs by id over REST: single trades by `historicalTrades`; while that host refuses (HTTP 451, or a
 * host that does not serve it), aggregates by `aggTrades`; it is asked again every 15 minutes. Aggregates may overlap trades that were seen.
 */
export class RestRepair implements TradeRepair {
  readonly #options: RestRepairOptions;
  #byAggregates = false;
  /** Until then the host that serves trades by id is not asked. */
  #triedAgainUs: Micros = 0;
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
    if (this.#options.clock.nowUs() < this.#triedAgainUs) return this.#fetchAggregates(gap, from);
    const limit = Math.min(PAGE, gap.to - from + 1);
    const query = { symbol: gap.symbol, fromId: from, limit };
    const answer = await this.#options.trades.get('/api/v3/historicalTrades', query);
    if (answer.kind === 'refused' && answer.refusal.code !== 'UNKNOWN_SYMBOL') {
      if (!this.#byAggregates) this.#options.onFallback(answer.refusal);
      this.#byAggregates = true;
      this.#triedAgainUs = this.#options.clock.nowUs() + REFUSED_US;
      return this.#fetchAggregates(gap, from);
    }
    const page = this.#read(answer, gap.symbol);
    if (page.kind !== 'read') return page;
    this.#byAggregates = false;
    const { records, count } = page;
    const isEnd = count < limit;
    // A full page reaches as far as was asked for, even where its last record is one that the rules refuse.
    const reachedId = Math.max(records.at(-1)?.to ?? 0, isEnd ? from - 1 : from + limit - 1);
    const wanted = records.filter((record) => record.to >= from && record.to <= gap.to);
    return { kind: 'records', records: wanted, reachedId, isEnd };
  }

  async #fetchAggregates(gap: Gap, from: number): Promise<RepairPage> {
    const fromId = this.#nextAggregate.get(gap);
    const start = fromId === undefined ? { startTime: Math.floor(gap.beforeUs / 1_000) } : { fromId };
    const query = { symbol: gap.symbol, ...start, limit: PAGE };
    const page = this.#read(await this.#options.aggregates.get('/api/v3/aggTrades', query), gap.symbol);
    if (page.kind !== 'read') return page;
    const { records, count } = page;
    const isEnd = count < PAGE;
    const last = records.at(-1);
    if (last?.aggregateId === undefined) return { kind: 'records', records: [], isEnd };
    this.#nextAggregate.set(gap, last.aggregateId + 1);
    if (last.to < from && !isEnd) return this.#fetchAggregates(gap, from);
    const wanted = records.filter((record) => record.to >= from && record.from <= gap.to);
    return { kind: 'records', records: wanted, reachedId: last.to, isEnd };
  }

  /** The records of an answer that pass the rules that validate applies, and how many it had. */
  #read(answer: RestAnswer, symbol: MarketSymbol): ReadPage | Exclude<RepairPage, { kind: 'records' }> {
    if (answer.kind === 'later')
      return { kind: 'later', afterMs: answer.afterMs, why: answer.refusal.message };
    if (answer.kind === 'refused') return { kind: 'gone', why: answer.refusal.message };
    const elements = splitJsonArray(answer.body);
    if (elements === undefined)
      return { kind: 'later', afterMs: 5_000, why: 'the answer is not a JSON array' };
    const records = elements.flatMap((bytes) => this.#readRecord(symbol, bytes) ?? []);
    return { kind: 'read', records, count: elements.length };
  }

  /** A trade or an aggregate, if it passes the rules that validate applies. */
  #readRecord(symbol: MarketSymbol, bytes: Buffer): ReadRecord | undefined {
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
