import { TradeJudge } from '../../shared/signals/trade-judge.ts';
import { MemoryStateStore } from '../../shared/state/memory-state-store.ts';
import { readTradeState } from '../../shared/state/trade-state.ts';
import type { MarketSymbol } from '../../shared/units.ts';
import type { Pane } from '../../shared/window/pane.ts';
import { BLOCK_PANES } from '../../shared/window/resolution.ts';
import type { FoldedTo, TradeWindows } from '../../shared/window/trade-windows.ts';
import { Effects } from './effects.ts';
import type { FeedRecord } from './feed.ts';
import { panesBetween } from './pane-blocks.ts';
import { TradeFeed, type TradeFeedOptions } from './trade-feed.ts';
import { windowRules } from './window-rules.ts';

/** Records folded before the state is stored: the feed forgets panes only then. */
const STRETCH = 2_000;

/** The records of a symbol, in order from the first that is kept, or from `fromOffset` on. */
export type SymbolRecords = (symbol: MarketSymbol, fromOffset?: number) => AsyncIterable<FeedRecord>;

/**
 * The records of one symbol folded again, from the first on, with the code of the aggregate: its state in memory,
 * its rows let go. It can be taken on, from where it is to where the records have come since.
 */
export class Refold {
  readonly #symbol: MarketSymbol;
  readonly #key: string;
  readonly #records: SymbolRecords;
  readonly #options: Omit<TradeFeedOptions, 'store'>;
  #store = new MemoryStateStore();
  #feed: TradeFeed | undefined;
  #at: FoldedTo | undefined;

  constructor(symbol: MarketSymbol, records: SymbolRecords, options: Omit<TradeFeedOptions, 'store'>) {
    this.#symbol = symbol;
    this.#key = `trades#${symbol}`;
    this.#records = records;
    this.#options = options;
  }

  /** Folds all records below a position of the log; with null, all there are. A fold that is beyond begins anew. */
  async foldTo(limit: FoldedTo | null): Promise<void> {
    if (limit !== null && this.#at?.partition === limit.partition && this.#at.next > limit.next) {
      this.#at = undefined;
      this.#feed = undefined;
      this.#store = new MemoryStateStore();
    }
    let stretch: FeedRecord[] = [];
    for await (const record of this.#records(this.#symbol, this.#at?.next)) {
      if (limit !== null && record.partition === limit.partition && record.offset >= limit.next) break;
      stretch.push(record);
      this.#at = { partition: record.partition, next: record.offset + 1 };
      if (stretch.length < STRETCH) continue;
      await this.#fold(stretch);
      stretch = [];
    }
    await this.#fold(stretch);
  }

  /** The state as it would stand in the hot item; undefined where there is nothing of the symbol. */
  async state(): Promise<TradeWindows | undefined> {
    const hot = (await this.#store.readHot([this.#key])).get(this.#key);
    if (hot === undefined) return undefined;
    const judge = new TradeJudge(this.#symbol, this.#options.thresholds(this.#symbol));
    return readTradeState(this.#symbol, windowRules(this.#symbol, this.#options), hot.bytes, judge);
  }

  /** The panes of index `start` up to, not including, `end`, each a copy. */
  async panes(start: number, end: number): Promise<ReadonlyMap<number, Pane>> {
    const hot = (await this.state())?.panes.hot ?? [];
    return panesBetween(this.#store, this.#key, hot, start, end);
  }

  /** All panes that the hot item does not carry. */
  async archived(): Promise<readonly Pane[]> {
    const hot = new Set((await this.state())?.panes.hot.map((pane) => pane.index));
    const panes: Pane[] = [];
    for (const block of this.#store.blocksOf(this.#key)) {
      const start = block * BLOCK_PANES;
      const found = await panesBetween(this.#store, this.#key, [], start, start + BLOCK_PANES);
      panes.push(...[...found.values()].filter((pane) => !hot.has(pane.index)));
    }
    return panes;
  }

  async #fold(stretch: readonly FeedRecord[]): Promise<void> {
    this.#feed ??= new TradeFeed(
      this.#key,
      this.#symbol,
      { ...this.#options, store: this.#store, keepTrades: false },
      undefined,
      0,
    );
    for (let at = 0; at < stretch.length; ) {
      // Nobody else writes to this store, so that the state is never stale.
      at = (await this.#feed.fold(stretch, at, new Effects())) ?? stretch.length;
      await this.#feed.commit();
    }
  }
}
