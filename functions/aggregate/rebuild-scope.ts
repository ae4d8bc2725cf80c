import type { RowWriter } from '../../shared/row.ts';
import type { StateStore } from '../../shared/state/state-store.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';
import { BLOCK_PANES, PANE_US } from '../../shared/window/resolution.ts';
import type { StoredCandle } from './differing-rows.ts';
import type { RebuildOrigin } from './rebuild-errors.ts';
import { Refold, type SymbolRecords } from './refold.ts';
import type { TradeFeedOptions } from './trade-feed.ts';

/** What a rebuild stands on. */
export interface RebuildDeps {
  readonly store: StateStore;
  readonly rows: RowWriter;
  /** The candles of a symbol that the store holds, of windows that start in [`fromUs`, `toUs`). */
  readonly storedCandles: (
    symbol: MarketSymbol,
    fromUs: Micros,
    toUs: Micros,
  ) => Promise<readonly StoredCandle[]>;
  /**
   * The validated records of the symbol, as far as they reach when it is called: those of the log, where it is called
   * again from an offset on, or those that files make, of which it is asked once.
   */
  readonly records: SymbolRecords;
  /** What the records come from. @default `log` */
  readonly origin?: RebuildOrigin;
  readonly nowMs: () => number;
}

/** What is to be rebuilt. The range is widened to whole quarters of an hour. */
export interface RebuildRange {
  readonly symbol: MarketSymbol;
  readonly fromUs: Micros;
  readonly toUs: Micros;
}

/** One rebuild: what it stands on, its fold, and its range in whole archive blocks. */
export interface RebuildScope {
  readonly symbol: MarketSymbol;
  readonly fromUs: Micros;
  readonly toUs: Micros;
  /** The panes from this index up to, not including, `end`. */
  readonly start: number;
  readonly end: number;
  readonly origin: RebuildOrigin;
  readonly folded: Refold;
  readonly deps: RebuildDeps;
  readonly options: Omit<TradeFeedOptions, 'store'>;
}

const BLOCK_US = BLOCK_PANES * PANE_US;

/** The scope of a rebuild; nothing is folded yet. */
export function rebuildScope(
  range: RebuildRange,
  deps: RebuildDeps,
  options: Omit<TradeFeedOptions, 'store'>,
): RebuildScope {
  const { symbol } = range;
  const fromUs = Math.floor(range.fromUs / BLOCK_US) * BLOCK_US;
  const toUs = Math.ceil(range.toUs / BLOCK_US) * BLOCK_US;
  return {
    symbol,
    fromUs,
    toUs,
    start: fromUs / PANE_US,
    end: toUs / PANE_US,
    origin: deps.origin ?? 'log',
    folded: new Refold(symbol, deps.records, options),
    deps,
    options,
  };
}
