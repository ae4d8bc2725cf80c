import type { Row } from '../../shared/row.ts';
import type { MarketSymbol } from '../../shared/units.ts';
import { CandleWriter } from '../../shared/window/candle-writer.ts';
import type { Pane } from '../../shared/window/pane.ts';
import { BLOCK_PANES } from '../../shared/window/resolution.ts';
import { TradeWindows } from '../../shared/window/trade-windows.ts';
import type { TradeFeedOptions } from './trade-feed.ts';
import { windowRules } from './window-rules.ts';

/** Which windows to make rows of, and with what version. */
export interface FinalRowsOf {
  readonly symbol: MarketSymbol;
  /** Windows that overlap the panes of index `start` up to, not including, `end`... */
  readonly start: number;
  readonly end: number;
  /** ... and end at this pane or before it. */
  readonly openPane: number;
  readonly epoch: number;
  readonly sequence: number;
}

/** The rows of final windows, made of their panes: a window needs nothing else. */
export function finalRows(
  panes: ReadonlyMap<number, Pane>,
  of: FinalRowsOf,
  options: Pick<TradeFeedOptions, 'rules' | 'thresholds'>,
): readonly Row[] {
  const windows = new TradeWindows(of.symbol, windowRules(of.symbol, options), of.epoch);
  windows.openPane = of.openPane;
  for (const pane of panes.values()) windows.panes.load(Math.floor(pane.index / BLOCK_PANES), [pane]);
  for (let index = of.start; index < of.end; index += 1) {
    windows.queue.revise(index, of.openPane, of.sequence);
  }
  return new CandleWriter(windows, options.thresholds(of.symbol)).take(0).rows;
}
