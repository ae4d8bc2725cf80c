import type { ValidationRules } from '../../shared/binance/validation-rules.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Gap } from '../../shared/ledger/gap.ts';
import type { MarketSymbol, Millis } from '../../shared/units.ts';
import { newestTrade } from './first-trade.ts';
import type { RestClient } from './rest-client.ts';
import type { TradeLane } from './trade-lane.ts';
import type { RepairedRecord, TradeRepair } from './trade-repair.ts';

/** How long a trade that REST knows may still be on its way over the socket. */
const ON_ITS_WAY_MS = 1_000;

/** What the check works with. */
export interface TailCheckOptions {
  readonly clock: Clock;
  /** Serves `aggTrades`. */
  readonly rest: RestClient;
  readonly rules: ValidationRules;
  readonly repair: TradeRepair;
  readonly lanes: ReadonlyMap<MarketSymbol, TradeLane>;
  /** Takes a trade that the socket never brought. */
  readonly accept: (lane: TradeLane, record: RepairedRecord) => void;
}

/**
 * After a socket has opened, asks for the newest trade of its symbols. What passed while no socket was open shows
 * in the ids only when the next trade comes, and on a quiet symbol that may take hours.
 */
export class TailCheck {
  readonly #options: TailCheckOptions;
  readonly #waiting = new Set<MarketSymbol>();
  #running = false;
  #stopped = false;

  constructor(options: TailCheckOptions) {
    this.#options = options;
  }

  /** Checks these symbols, one after another. */
  check(symbols: readonly MarketSymbol[]): void {
    for (const symbol of symbols) this.#waiting.add(symbol);
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    for (const symbol of this.#waiting) {
      this.#waiting.delete(symbol);
      const againMs = this.#stopped ? undefined : await this.#checkOne(symbol);
      if (againMs === undefined) continue;
      this.#waiting.add(symbol);
      await this.#wait(againMs);
    }
    this.#running = false;
  }

  /** Returns after how long to ask again; undefined where the symbol is settled. */
  async #checkOne(symbol: MarketSymbol): Promise<Millis | undefined> {
    const { clock, rest, rules, lanes } = this.#options;
    const lane = lanes.get(symbol);
    if (lane?.ledger.ids.highest === undefined) return undefined;
    const newest = await newestTrade({ rest, rules, nowUs: clock.nowUs() }, symbol);
    if (newest.kind === 'later') return newest.afterMs;
    if (newest.kind !== 'aggregate') return undefined;
    const { lastTradeId, tradeTimeUs } = newest.aggregate;
    if (lane.ledger.ids.highest >= lastTradeId) return undefined;
    await this.#wait(ON_ITS_WAY_MS);
    const from = lane.ledger.ids.highest + 1;
    if (from > lastTradeId) return undefined;
    return this.#fetch(lane, {
      symbol,
      from,
      to: lastTradeId,
      cause: 'outage',
      openedUs: clock.nowUs(),
      beforeUs: lane.ledger.highestTimeUs,
      afterUs: tradeTimeUs,
      state: 'open',
      filledUs: null,
      source: null,
    });
  }

  async #fetch(lane: TradeLane, gap: Gap): Promise<Millis | undefined> {
    for (let from = gap.from; from <= gap.to && !this.#stopped; ) {
      const page = await this.#options.repair.fetch(gap, from);
      if (this.#stopped || page.kind === 'gone') return undefined;
      if (page.kind === 'later') return page.afterMs;
      for (const record of page.records) this.#options.accept(lane, record);
      const reached = page.reachedId ?? page.records.at(-1)?.to ?? from - 1;
      if (reached < from) return undefined;
      from = reached + 1;
    }
    return undefined;
  }

  #wait(delayMs: Millis): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(delayMs, resolve);
    });
  }
}
