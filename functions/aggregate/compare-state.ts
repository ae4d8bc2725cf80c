import type { Row } from '../../shared/row.ts';
import type { Pane } from '../../shared/window/pane.ts';
import { PANE_US } from '../../shared/window/resolution.ts';
import { differingRows } from './differing-rows.ts';
import { finalRows } from './final-rows.ts';
import type { LiveState } from './hot-section.ts';
import { mergeFiles } from './merge-files.ts';
import { mergeLog } from './merge-log.ts';
import { panesBetween } from './pane-blocks.ts';
import { incomplete, nothingToFold } from './rebuild-errors.ts';
import type { RebuildScope } from './rebuild-scope.ts';
import { samePane } from './same-pane.ts';

/** In what the state and the store differ from the fold. */
export interface Differences {
  /** Final candles of the range. */
  readonly compared: number;
  /** Those of them that the store lacks or holds with other values, under the epoch that was asked for. */
  readonly rows: readonly Row[];
  readonly panes: readonly Pane[];
}

/**
 * Compares the range with the fold, which must stand where the state does.
 * @throws CodedError `REBUILD_NOTHING`, `REBUILD_LOG_INCOMPLETE`
 */
export async function compareState(
  scope: RebuildScope,
  live: LiveState,
  epoch: number,
): Promise<Differences> {
  const { symbol, deps, options, folded, origin, start, end } = scope;
  const state = await folded.state();
  if (state === undefined || state.panes.lastTraded < 0) throw nothingToFold(symbol, origin);
  const overhang = state.queue.largestSize - 1;
  const [first, last] = [start - overhang, end + overhang];
  const hot = live.windows?.panes.hot ?? [];
  const known =
    live.windows === undefined
      ? new Map<number, Pane>()
      : await panesBetween(deps.store, `trades#${symbol}`, hot, first, last);
  const again = await folded.panes(first, last);
  refuseLoss(scope, known, again);
  const merged =
    origin === 'files'
      ? mergeFiles(known, again, scope, state.queue.largestSize)
      : mergeLog(known, again, start, end);
  const panes = merged.filter((pane) => {
    const before = known.get(pane.index);
    return before === undefined || !samePane(before, pane);
  });
  const left = new Map(live.windows === undefined ? again : known);
  for (const pane of panes) left.set(pane.index, pane);
  const of = {
    symbol,
    start,
    end,
    openPane: Math.max(state.openPane, live.windows?.openPane ?? 0),
    epoch,
    sequence: Math.max(state.sequence, live.windows?.sequence ?? 0),
  };
  const rows = finalRows(left, of, options);
  const stored = await deps.storedCandles(symbol, first * PANE_US, scope.toUs);
  return { compared: rows.length, rows: differingRows(rows, stored), panes };
}

/** The log may have let go of trades that the state still knows, and files may never have held them. */
function refuseLoss(
  { symbol, origin, start, end }: RebuildScope,
  known: ReadonlyMap<number, Pane>,
  folded: ReadonlyMap<number, Pane>,
): void {
  for (const before of known.values()) {
    if (before.index < start || before.index >= end) continue;
    for (const { from, to } of before.ids.ranges()) {
      const [lost] = folded.get(before.index)?.ids.missingWithin(from, to) ?? [{ from, to }];
      if (lost !== undefined) throw incomplete(symbol, lost, origin);
    }
  }
}
