import { isMissing } from './gap-changes.ts';
import { Pane } from './pane.ts';
import { BLOCK_PANES } from './resolution.ts';

/** Panes that stay in the hot item because gaps that begin in them miss ids: the newest ones. */
const KEPT_FOR_GAPS = 8;

/** The panes of one symbol that are at hand, and where each is kept: in the hot item, in an archive block, or both. */
export class PaneStore {
  /** Panes below this index may stand in the archive. */
  archivedBelow = 0;
  /** The highest pane with a trade; -1 before the first. */
  lastTraded = -1;
  readonly #panes = new Map<number, Pane>();
  /** Panes that the hot item has to carry: their latest content is not in the archive. */
  readonly #hot = new Set<Pane>();
  readonly #changed = new Set<Pane>();
  readonly #loaded = new Set<number>();
  /** Hot panes in which gaps begin that miss ids, as many as are kept for that. */
  readonly #gapPanes = new Set<Pane>();
  /** A gap that begins below this pane is closed by its own tick alone: newer ones took its place. */
  gapFloor = 0;
  #last: Pane | undefined;

  /** Whether all of a block that bears on pane `index` is at hand. */
  has(block: number, index: number): boolean {
    return (
      this.#loaded.has(block) || block * BLOCK_PANES >= this.archivedBelow || index >= this.archivedBelow
    );
  }

  /** Whether every pane of the block is at hand. */
  isWhole(block: number): boolean {
    return this.#loaded.has(block) || block * BLOCK_PANES >= this.archivedBelow;
  }

  /** The pane, made if there is none. Its block must be at hand. */
  at(index: number): Pane {
    let pane = this.#panes.get(index);
    if (pane === undefined) {
      pane = new Pane(index);
      this.#panes.set(index, pane);
    }
    return pane;
  }

  find(index: number): Pane | undefined {
    return this.#panes.get(index);
  }

  /** The panes that exist of `start` up to, not including, `end`, in order. */
  between(start: number, end: number): Pane[] {
    const found: Pane[] = [];
    for (let index = start; index < end; index += 1) {
      const pane = this.#panes.get(index);
      if (pane !== undefined) found.push(pane);
    }
    return found;
  }

  markTraded(pane: Pane): void {
    if (pane === this.#last) return;
    this.#last = pane;
    if (pane.index > this.lastTraded) this.lastTraded = pane.index;
    this.markChanged(pane);
  }

  markChanged(pane: Pane): void {
    this.#changed.add(pane);
    this.#hot.add(pane);
  }

  /** Panes changed since {@link settle}. */
  get changed(): ReadonlySet<Pane> {
    return this.#changed;
  }

  /** Panes for the hot item, in order. */
  get hot(): readonly Pane[] {
    return [...this.#hot].sort((a, b) => a.index - b.index);
  }

  /** Hot panes in which gaps begin that miss ids. */
  get gapPanes(): ReadonlySet<Pane> {
    return this.#gapPanes;
  }

  /** What was told of the gaps of a hot pane changed. */
  noteGaps(pane: Pane): void {
    const isKept = pane.index >= this.gapFloor && pane.toldGaps.some(({ told }) => isMissing(told));
    if (!isKept) this.#gapPanes.delete(pane);
    else if (this.#gapPanes.add(pane).size > KEPT_FOR_GAPS) this.#dropOldestGap();
  }

  /** Hot panes below `openPane` that nothing changed since the last commit: what the archive may take. */
  archivable(openPane: number): readonly Pane[] {
    return this.hot.filter(
      (pane) => pane.index < openPane && !this.#changed.has(pane) && !this.#gapPanes.has(pane),
    );
  }

  /** These panes are in the archive now as they are here. */
  archived(panes: readonly Pane[]): void {
    for (const pane of panes) {
      this.#hot.delete(pane);
      this.#gapPanes.delete(pane);
      const block = Math.floor(pane.index / BLOCK_PANES);
      if (this.isWhole(block)) this.#loaded.add(block);
    }
    for (const pane of panes) this.archivedBelow = Math.max(this.archivedBelow, pane.index + 1);
  }

  /** The state was committed: what was changed is changed no longer. */
  settle(): void {
    this.#changed.clear();
    this.#last = undefined;
  }

  /** Takes over a block read from the archive; hot panes are newer and stay. */
  load(block: number, panes: readonly Pane[]): void {
    this.#loaded.add(block);
    for (const pane of panes)
      if (!this.#hot.has(pane) && !this.#panes.has(pane.index)) this.#panes.set(pane.index, pane);
  }

  /** Takes over a pane of the hot item. */
  restore(pane: Pane): void {
    this.#panes.set(pane.index, pane);
    this.#hot.add(pane);
    this.noteGaps(pane);
  }

  /** Puts a pane of the hot item in the place of the one with its index. */
  replace(pane: Pane): void {
    const known = this.#panes.get(pane.index);
    if (known !== undefined) this.#hot.delete(known);
    this.restore(pane);
  }

  /** Forgets the archived panes of blocks below `block`, to keep memory bounded. */
  evictBelow(block: number): void {
    for (const loaded of this.#loaded) if (loaded < block) this.#loaded.delete(loaded);
    for (const [index, pane] of this.#panes) {
      if (index < block * BLOCK_PANES && !this.#hot.has(pane)) this.#panes.delete(index);
    }
  }

  /** As a function of the fold alone: which panes the last commit archived must not decide what closes a gap. */
  #dropOldestGap(): void {
    let oldest: Pane | undefined;
    for (const pane of this.#gapPanes) if (oldest === undefined || pane.index < oldest.index) oldest = pane;
    if (oldest === undefined) return;
    this.gapFloor = oldest.index + 1;
    this.#gapPanes.delete(oldest);
  }
}
