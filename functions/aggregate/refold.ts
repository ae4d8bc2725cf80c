import { MemoryRowStore } from '../../shared/memory-row-store.ts';
import type { Row } from '../../shared/row.ts';
import { TradeJudge } from '../../shared/signals/trade-judge.ts';
import { ByteReader } from '../../shared/state/byte-reader.ts';
import { MemoryStateStore } from '../../shared/state/memory-state-store.ts';
import { readPane } from '../../shared/state/pane-codec.ts';
import { readTradeState } from '../../shared/state/trade-state.ts';
import type { MarketSymbol } from '../../shared/units.ts';
import type { Pane } from '../../shared/window/pane.ts';
import { BLOCK_PANES } from '../../shared/window/resolution.ts';
import type { TradeWindowRules, TradeWindows } from '../../shared/window/trade-windows.ts';
import { Effects } from './effects.ts';
import type { FeedRecord } from './feed.ts';
import { TradeFeed, type TradeFeedOptions } from './trade-feed.ts';

/** Records folded before the state is stored: the feed forgets panes only then. */
const STRETCH = 2_000;

/** What folding the log of a symbol again, from its first record on, came to. */
export interface Refold {
  /** The newest row of each candle. */
  readonly rows: readonly Row[];
  /** The windows at the end, as the hot item holds them; undefined where the log has nothing of the symbol. */
  readonly windows: TradeWindows | undefined;
  /** The panes from index `start` up to, not including, `end`. */
  panes(start: number, end: number): Promise<readonly Pane[]>;
}

/** The rules of a symbol's windows, whale threshold included. */
export function windowRules(
  symbol: MarketSymbol,
  options: Omit<TradeFeedOptions, 'store'>,
): TradeWindowRules {
  const { whaleQuote } = options.thresholds(symbol);
  return { ...options.rules, whaleQuoteValue: Number.isFinite(whaleQuote) ? whaleQuote : null };
}

/** Folds the records of one symbol with the code of the aggregate, its state and rows in memory. */
export async function refold(
  symbol: MarketSymbol,
  records: AsyncIterable<FeedRecord>,
  options: Omit<TradeFeedOptions, 'store'>,
  epoch: number,
): Promise<Refold> {
  const key = `trades#${symbol}`;
  const store = new MemoryStateStore();
  const rows = new MemoryRowStore();
  const feed = new TradeFeed(key, symbol, { ...options, store, keepTrades: false }, undefined, epoch);
  const fold = async (stretch: readonly FeedRecord[]): Promise<void> => {
    for (let at = 0; at < stretch.length; ) {
      const effects = new Effects();
      // Nobody else writes to this store, so that the state is never stale.
      at = (await feed.fold(stretch, at, effects)) ?? stretch.length;
      await rows.write(effects.rows);
      await feed.commit();
    }
  };
  let stretch: FeedRecord[] = [];
  for await (const record of records) {
    stretch.push(record);
    if (stretch.length < STRETCH) continue;
    await fold(stretch);
    stretch = [];
  }
  await fold(stretch);
  const hot = (await store.readHot([key])).get(key);
  const windows =
    hot &&
    readTradeState(
      symbol,
      windowRules(symbol, options),
      hot.bytes,
      new TradeJudge(symbol, options.thresholds(symbol)),
    );
  return {
    rows: rows.table('candles'),
    windows,
    panes: async (start, end) => {
      const found = new Map<number, Pane>();
      for (let block = Math.floor(start / BLOCK_PANES); block * BLOCK_PANES < end; block += 1) {
        const stored = await store.readBlock(key, block);
        for (const [index, bytes] of stored.panes) found.set(index, readPane(index, new ByteReader(bytes)));
      }
      for (const pane of windows?.panes.hot ?? []) found.set(pane.index, pane);
      return [...found.values()]
        .filter((pane) => pane.index >= start && pane.index < end)
        .sort((a, b) => a.index - b.index);
    },
  };
}
