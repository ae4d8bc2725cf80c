import type { Pane } from '../../shared/window/pane.ts';
import { clonePane } from './pane-blocks.ts';

type Panes = ReadonlyMap<number, Pane>;

/**
 * The panes from index `start` up to, not including, `end` as a rebuild from the log leaves them: those of its fold,
 * which knows all of them but a kline that the log no longer holds.
 */
export function mergeLog(known: Panes, folded: Panes, start: number, end: number): readonly Pane[] {
  return [...folded.values()]
    .filter((pane) => pane.index >= start && pane.index < end)
    .map((pane) => {
      const merged = clonePane(pane);
      merged.witness ??= known.get(pane.index)?.witness ?? null;
      return merged;
    });
}
