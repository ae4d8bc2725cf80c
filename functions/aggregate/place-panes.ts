import { writeTradeState } from '../../shared/state/trade-state.ts';
import type { Pane } from '../../shared/window/pane.ts';
import { BLOCK_PANES } from '../../shared/window/resolution.ts';
import { epochAt } from '../../shared/window/row-version.ts';
import type { TradeWindows } from '../../shared/window/trade-windows.ts';
import { adoptPanes } from './adopt-panes.ts';
import type { HotSection, LiveState } from './hot-section.ts';
import { mergeLog } from './merge-log.ts';
import { byBlock, clonePane, panesBetween } from './pane-blocks.ts';
import { nothingToFold } from './rebuild-errors.ts';
import type { RebuildScope } from './rebuild-scope.ts';

/** Brings the fold to where the state stands. */
export type CatchUp = (live: LiveState) => Promise<void>;

/**
 * Puts the fold's panes of these indices into the state, archive block by archive block. The hot item goes first,
 * with the ids; then the block; then the hot item again: whoever read the block before it was replaced has then lost,
 * and where somebody committed in between, the block is done once more.
 */
export async function placePanes(
  scope: RebuildScope,
  section: HotSection,
  catchUp: CatchUp,
  panes: readonly Pane[],
): Promise<void> {
  const blocks = Map.groupBy(panes, (pane) => Math.floor(pane.index / BLOCK_PANES));
  for (const [block, wanted] of blocks) {
    await section.retry((live) => placeBlock(scope, live, catchUp, block, wanted));
  }
}

async function placeBlock(
  scope: RebuildScope,
  live: LiveState,
  catchUp: CatchUp,
  block: number,
  wanted: readonly Pane[],
): Promise<'placed' | 'lost'> {
  const { symbol, folded, origin, deps } = scope;
  const { store } = deps;
  const key = `trades#${symbol}`;
  await catchUp(live);
  const state = await folded.state();
  const next = live.windows;
  if (state === undefined || next === undefined) return 'lost';
  const panes = origin === 'files' ? wanted.map(clonePane) : await newest(scope, next, block, wanted);
  const archived = adoptPanes(next, panes, state);
  const bytes = writeTradeState(next);
  const committed = live.version + 1;
  if (!(await store.writeHot(key, live.version, bytes))) return 'lost';
  for (const slots of byBlock(archived).values()) {
    if (!(await store.writeBlock(key, block, committed, slots))) return 'lost';
  }
  if (archived.length === 0) return 'placed';
  return (await store.writeHot(key, committed, bytes)) ? 'placed' : 'lost';
}

/** The wanted panes of a block, as the fold of the log has them where it stands now. */
async function newest(
  { symbol, folded, deps }: RebuildScope,
  live: TradeWindows,
  block: number,
  wanted: readonly Pane[],
): Promise<readonly Pane[]> {
  const start = block * BLOCK_PANES;
  const end = start + BLOCK_PANES;
  const known = await panesBetween(deps.store, `trades#${symbol}`, live.panes.hot, start, end);
  const indices = new Set(wanted.map((pane) => pane.index));
  const merged = mergeLog(known, await folded.panes(start, end), start, end);
  return merged.filter((pane) => indices.has(pane.index));
}

/** A state that was lost is taken over whole from the fold. False where there is one by now. */
export async function takeOver(scope: RebuildScope): Promise<boolean> {
  const { symbol, folded, origin, deps } = scope;
  const key = `trades#${symbol}`;
  const state = await folded.state();
  if (state === undefined) throw nothingToFold(symbol, origin);
  state.epoch = epochAt(deps.nowMs());
  // Records of files stand nowhere in the log.
  if (origin === 'files') state.foldedTo = null;
  const bytes = writeTradeState(state);
  if (!(await deps.store.writeHot(key, 0, bytes))) return false;
  for (const [block, slots] of byBlock(await folded.archived())) {
    if (!(await deps.store.writeBlock(key, block, 1, slots))) return false;
  }
  return deps.store.writeHot(key, 1, bytes);
}
