import { CodedError } from '../coded-error.ts';
import type { TradeJudge, TradeJudgeState } from '../signals/trade-judge.ts';
import type { MarketSymbol } from '../units.ts';
import { type TradeWindowRules, TradeWindows } from '../window/trade-windows.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readPane, writePane } from './pane-codec.ts';

/**
 * The format of the hot item's bytes; a reader knows this one and all before it. 2 added how far the log was folded,
 * and from which pane on gaps are closed by their trades.
 */
export const TRADE_STATE_FORMAT = 2;

/** The hot state of a symbol's trade windows as bytes: everything but the archived panes. */
export function writeTradeState(windows: TradeWindows): Buffer {
  const to = new ByteWriter();
  to.byte(TRADE_STATE_FORMAT);
  to.unsigned(windows.epoch);
  to.unsigned(windows.sequence);
  to.unsigned(windows.maxEventUs + 1);
  to.unsigned(Math.max(0, windows.openPane));
  to.unsigned(windows.panes.archivedBelow);
  to.unsigned(windows.panes.lastTraded + 1);
  to.unsigned(windows.tiles.lastAggregateId + 1);
  to.unsigned(windows.tiles.lastTradeId + 1);
  windows.pruneIds();
  to.unsigned(windows.idFloor);
  to.unsigned(windows.panes.gapFloor);
  let next = 0;
  to.list(windows.ids.ranges(), (range) => {
    to.unsigned(range.from - next);
    to.unsigned(range.to - range.from);
    next = range.to + 1;
  });
  let before = 0;
  to.list(windows.panes.hot, (pane) => {
    to.unsigned(pane.index - before);
    before = pane.index;
    writePane(pane, to);
  });
  to.text(windows.judge === null ? '' : JSON.stringify(windows.judge.toState()));
  to.unsigned(windows.foldedTo === null ? 0 : windows.foldedTo.partition + 1);
  to.unsigned(windows.foldedTo?.next ?? 0);
  return to.finish();
}

/** The state back from its bytes. Fails with `STATE_FORMAT` where a newer program wrote them. */
export function readTradeState(
  symbol: MarketSymbol,
  rules: TradeWindowRules,
  bytes: Uint8Array,
  judge: TradeJudge | null = null,
): TradeWindows {
  const from = new ByteReader(bytes);
  const format = from.byte();
  if (format < 1 || format > TRADE_STATE_FORMAT) {
    throw new CodedError(
      'STATE_FORMAT',
      `The state of ${symbol} has format ${format}; this program reads up to ${TRADE_STATE_FORMAT}. Deploy the newer version again.`,
      { data: { symbol, format } },
    );
  }
  const windows = new TradeWindows(symbol, rules, from.unsigned(), judge);
  windows.sequence = from.unsigned();
  windows.maxEventUs = from.unsigned() - 1;
  windows.openPane = from.unsigned();
  windows.panes.archivedBelow = from.unsigned();
  windows.panes.lastTraded = from.unsigned() - 1;
  windows.tiles.lastAggregateId = from.unsigned() - 1;
  windows.tiles.lastTradeId = from.unsigned() - 1;
  windows.idFloor = from.unsigned();
  if (format >= 2) windows.panes.gapFloor = from.unsigned();
  let next = 0;
  from.list(() => {
    const first = next + from.unsigned();
    const last = first + from.unsigned();
    windows.ids.addRange(first, last);
    next = last + 1;
  });
  let index = 0;
  from.list(() => {
    index += from.unsigned();
    windows.panes.restore(readPane(index, from));
  });
  const judged = from.text();
  // Written by `toState` of the same format version, which guards its shape.
  if (judged !== '') judge?.restore(JSON.parse(judged) as TradeJudgeState);
  if (format >= 2) {
    const partition = from.unsigned() - 1;
    const position = from.unsigned();
    windows.foldedTo = partition < 0 ? null : { partition, next: position };
  }
  windows.restored();
  return windows;
}
