import { CodedError } from '../../shared/coded-error.ts';
import type { Row } from '../../shared/row.ts';
import { writeTradeState } from '../../shared/state/trade-state.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';
import { epochAt } from '../../shared/window/row-version.ts';
import { compareState, type Differences } from './compare-state.ts';
import { rebuiltRow } from './differing-rows.ts';
import { HotSection, type LiveState } from './hot-section.ts';
import { type CatchUp, placePanes, takeOver } from './place-panes.ts';
import { contended, outranked, rowRefused } from './rebuild-errors.ts';
import { type RebuildDeps, type RebuildRange, type RebuildScope, rebuildScope } from './rebuild-scope.ts';
import type { TradeFeedOptions } from './trade-feed.ts';

/** Passes after which a rebuild gives up: an aggregate at work can undo a pass, but hardly many. */
const MAX_PASSES = 30;

export type { RebuildDeps, RebuildRange } from './rebuild-scope.ts';

/** What a rebuild did. A second one over the same records changes nothing: all counts but `compared` are 0. */
export interface RebuildReport {
  readonly symbol: MarketSymbol;
  readonly fromUs: Micros;
  readonly toUs: Micros;
  /** Final candles of the range. */
  readonly compared: number;
  readonly rowsWritten: number;
  readonly panesReplaced: number;
  /** The epoch of the written rows; null where nothing had to be written. */
  readonly epoch: number | null;
}

/**
 * Folds the records of a symbol again and puts right what the store and the state hold of the range: panes that
 * differ replace those of the state, and rows that differ are written under a new epoch with the reason `rebuild`.
 * Everything goes under the hot item's version condition, and the fold of the log stands where the state does, so an
 * aggregate may be at work on the symbol; the hot item is set one epoch above before the first row is written. Cut
 * short at any point, it can be run again. Records of files know nothing of the log: nothing may be at work then.
 *
 * Fails with `REBUILD_NOTHING` where there is no trade of the symbol, `REBUILD_LOG_INCOMPLETE` where the log no
 * longer holds, or the files do not hold, trades that the state has, `REBUILD_CONTENDED` where somebody else was
 * always first, `REBUILD_ROW_REFUSED` and `REBUILD_OUTRANKED` where the store does not take the rows.
 */
export async function rebuild(
  range: RebuildRange,
  deps: RebuildDeps,
  options: Omit<TradeFeedOptions, 'store'>,
): Promise<RebuildReport> {
  const scope = rebuildScope(range, deps, options);
  const { symbol, fromUs, toUs, folded } = scope;
  const section = new HotSection(deps.store, symbol, options);
  const catchUp: CatchUp = async ({ windows }) => {
    if (scope.origin === 'log') await folded.foldTo(windows?.foldedTo ?? null);
  };
  // The long fold comes first: what is compared below moves on meanwhile, and catching up is quick.
  await folded.foldTo(scope.origin === 'log' ? ((await section.read()).windows?.foldedTo ?? null) : null);

  const report = { symbol, fromUs, toUs, panesReplaced: 0, rowsWritten: 0, epoch: null as number | null };
  let superseded = 0;
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const found = await section.retry(async (live) => {
      await catchUp(live);
      return compareUnmoved(scope, section, live, 0);
    });
    if (found.panes.length + found.rows.length === 0) return { ...report, compared: found.compared };
    if (found.panes.length > 0) {
      if (found.live.windows !== undefined) await placePanes(scope, section, catchUp, found.panes);
      else if (!(await takeOver(scope))) continue;
      report.panesReplaced += found.panes.length;
    }
    const { live, epoch } = await section.retry((newest) => raiseEpoch(scope, newest, catchUp));
    report.epoch = epoch;
    const left = await compareUnmoved(scope, section, live, epoch);
    if (left === 'lost' || left.panes.length > 0) continue;
    superseded = await writeRows(scope, left.rows);
    report.rowsWritten += left.rows.length - superseded;
    // An aggregate at work outranks the rows that it changed since; else the epoch was too low.
    if (superseded === 0) return { ...report, compared: left.compared };
  }
  throw superseded > 0
    ? outranked(symbol, superseded, report.epoch ?? 0)
    : contended(section.key, MAX_PASSES);
}

/** Compares; `lost` where trades are missing that the state folded since it was read. */
async function compareUnmoved(
  scope: RebuildScope,
  section: HotSection,
  live: LiveState,
  epoch: number,
): Promise<(Differences & { readonly live: LiveState }) | 'lost'> {
  try {
    return { ...(await compareState(scope, live, epoch)), live };
  } catch (error) {
    const isIncomplete = error instanceof CodedError && error.code === 'REBUILD_LOG_INCOMPLETE';
    if (isIncomplete && (await section.read()).version !== live.version) return 'lost';
    throw error;
  }
}

/** Takes an epoch for the rows and sets the hot item one above, before the first of them is written. */
async function raiseEpoch(
  { symbol, deps }: RebuildScope,
  { version, windows }: LiveState,
  catchUp: CatchUp,
): Promise<{ readonly live: LiveState; readonly epoch: number } | 'lost'> {
  if (windows === undefined) return 'lost';
  await catchUp({ version, windows });
  const epoch = Math.max(windows.epoch + 1, epochAt(deps.nowMs()));
  windows.epoch = epoch + 1;
  if (!(await deps.store.writeHot(`trades#${symbol}`, version, writeTradeState(windows)))) return 'lost';
  return { live: { version: version + 1, windows }, epoch };
}

/** Returns how many rows the store holds with higher versions. */
async function writeRows({ symbol, deps }: RebuildScope, rows: readonly Row[]): Promise<number> {
  if (rows.length === 0) return 0;
  const outcome = await deps.rows.write(rows.map(rebuiltRow));
  const [refused] = outcome.refused;
  if (refused !== undefined) throw rowRefused(symbol, refused.row, refused.reason);
  return outcome.superseded;
}
