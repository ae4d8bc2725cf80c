import type { Pane } from '../../shared/window/pane.ts';
import type { TradeWindows } from '../../shared/window/trade-windows.ts';

/**
 * Puts rebuilt panes into the state of the hot item: their ids, and those panes that it carries itself. Returns the
 * others, which belong into the archive. Each is marked as rebuilt after all that happened to it before.
 */
export function adoptPanes(
  live: TradeWindows,
  panes: readonly Pane[],
  folded: TradeWindows,
): readonly Pane[] {
  // Of the panes' own numbers none may lie above the next that the state gives out.
  live.sequence = Math.max(live.sequence, folded.sequence);
  const openPane = Math.max(live.openPane, folded.openPane);
  const hot = new Set(live.panes.hot.map((pane) => pane.index));
  const archived: Pane[] = [];
  for (const pane of panes) {
    const isPast = Math.max(openPane, pane.index + 1) + live.queue.largestSize;
    pane.gapMarks.push({ openPane: isPast, sequence: live.sequence, reason: 'rebuild' });
    for (const { from, to } of pane.ids.ranges()) live.ids.addRange(Math.max(from, live.idFloor), to);
    if (pane.figures.count > 0) {
      // Windows close up to here: one whose only trades the state had lost must not be left open.
      live.panes.lastTraded = Math.max(live.panes.lastTraded, pane.index);
      // An id that comes again is told from one of a new id space by its time.
      live.maxEventUs = Math.max(live.maxEventUs, Math.min(pane.endUs - 1, folded.maxEventUs));
    }
    if (hot.has(pane.index)) {
      live.panes.replace(pane);
      continue;
    }
    archived.push(pane);
    live.panes.archivedBelow = Math.max(live.panes.archivedBelow, pane.index + 1);
  }
  return archived;
}
