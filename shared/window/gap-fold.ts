import type { GapChange } from '../events/tick.ts';
import type { IdRange, IdRanges } from '../id-ranges.ts';
import { isMissing, noteAllCame, tellGap } from './gap-changes.ts';
import type { Pane } from './pane.ts';
import type { PaneStore } from './pane-store.ts';
import { PANE_US } from './resolution.ts';
import type { WindowQueue } from './window-queue.ts';

/** What the gaps need of their symbol's windows. */
export interface GapWindows {
  readonly panes: PaneStore;
  readonly queue: WindowQueue;
  readonly ids: IdRanges;
  readonly idFloor: number;
  readonly openPane: number;
  sequence: number;
  /** Whether the archive block of a pane has to be loaded first. */
  lacks(paneIndex: number): boolean;
}

/** What came of a change: it was folded, is no news, or an archive block has to be loaded first. */
export type GapOutcome = 'folded' | 'duplicate' | 'needs-block';

/** Folds the gaps that ticks tell, and closes those of which every id has come. */
export class GapFold {
  readonly #windows: GapWindows;
  /** The ids folded last, as long as told gaps have not been looked through for them. */
  #came: IdRange | undefined;

  constructor(windows: GapWindows) {
    this.#windows = windows;
  }

  /** Takes note of ids that were folded. */
  noteCame(from: number, to: number): void {
    if (this.#windows.panes.gapPanes.size > 0) this.#came = { from, to };
  }

  /** Folds a change of a gap, each once in whatever order they come. */
  fold(gap: GapChange): GapOutcome {
    const windows = this.#windows;
    const before = Math.floor(gap.beforeUs / PANE_US);
    const afterPane = Math.floor(gap.afterUs / PANE_US);
    const edges = [...new Set([before, afterPane])];
    for (const index of edges) if (windows.lacks(index)) return 'needs-block';
    const edge = windows.panes.at(before);
    const step = tellGap(edge.toldGaps, gap, afterPane);
    if (step === undefined) return 'duplicate';
    windows.panes.markChanged(edge);
    windows.sequence += 1;
    if (step === 1 && this.#hasAll(gap.from, gap.to)) {
      const told = edge.toldGaps.find(({ from, to }) => from === gap.from && to === gap.to);
      if (told !== undefined) noteAllCame(told);
    } else if (step !== 0) {
      for (const index of edges) this.#mark(windows.panes.at(index), step);
    }
    windows.panes.noteGaps(edge);
    return 'folded';
  }

  /** Closes the told gaps of which the ids folded last were the last that missed. */
  close(): Exclude<GapOutcome, 'duplicate'> {
    const { panes } = this.#windows;
    const came = this.#came;
    if (came === undefined) return 'folded';
    for (const edge of panes.gapPanes) {
      for (const gap of edge.toldGaps) {
        if (!isMissing(gap.told) || came.to < gap.from || came.from > gap.to + 1) continue;
        // Until the trade after it is there, the tick that closes the gap is still to come.
        if (!this.#hasAll(gap.from, gap.to + 1)) continue;
        if (this.#windows.lacks(gap.afterPane)) return 'needs-block';
        noteAllCame(gap);
        for (const index of new Set([edge.index, gap.afterPane])) this.#mark(panes.at(index), -1);
      }
      panes.noteGaps(edge);
    }
    this.#came = undefined;
    return 'folded';
  }

  #hasAll(from: number, to: number): boolean {
    const { ids, idFloor } = this.#windows;
    return from >= idFloor && ids.missingWithin(from, to).length === 0;
  }

  #mark(pane: Pane, step: 1 | -1): void {
    const { openPane, sequence, queue, panes } = this.#windows;
    pane.gaps = Math.max(0, pane.gaps + step);
    pane.sequence = sequence;
    if (pane.index < openPane) {
      pane.gapMarks.push({ openPane, sequence, reason: step > 0 ? 'gap' : 'repair' });
      queue.revise(pane.index, openPane, sequence);
    }
    panes.markChanged(pane);
  }
}
