import type { GapChange } from '../events/tick.ts';
import type { IdRange } from '../id-ranges.ts';
import type { Hole } from './gap.ts';

/** A hole as the windows know it. */
export interface ToldHole extends Hole {
  readonly state: 'open' | 'unfillable';
}

/**
 * What the windows have been told of the holes of a symbol. A hole marks the windows at its edges alone, so when
 * trades come that lie inside it, the smaller holes that are left must be told with their own edges, and then the
 * large one as filled: never the other way round, so that no window is unmarked in between.
 */
export class ToldHoles {
  #holes: readonly ToldHole[];

  constructor(holes: readonly ToldHole[] = []) {
    this.#holes = holes;
  }

  get holes(): readonly ToldHole[] {
    return this.#holes;
  }

  /** Takes note of a change that stands in the log. */
  note(change: GapChange): void {
    const others = this.#holes.filter((hole) => !isSame(hole, change));
    const { state } = change;
    this.#holes = state === 'filled' ? others : [...others, { ...change, state }];
  }

  /** The ids are counted anew: what was told of the old ones stays told. */
  clear(): void {
    this.#holes = [];
  }

  /**
   * The changes that bring the windows from what they were told to `wanted`. A told hole is taken back only where
   * each of its ids that is still missing stands in a wanted one: `missing` gives those ids. One of which no id came
   * is not, though a larger one holds it now: `filled` is final, and it may be wanted again once the larger shrinks.
   */
  update(wanted: readonly ToldHole[], missing: (range: IdRange) => readonly IdRange[]): readonly GapChange[] {
    const changes: GapChange[] = [];
    const known = new Map(this.#holes.map((hole) => [keyOf(hole), hole]));
    const kept = new Map(wanted.map((hole) => [keyOf(hole), hole]));
    for (const [key, hole] of kept) if (known.get(key)?.state !== hole.state) changes.push(hole);
    for (const [key, hole] of known) {
      if (kept.has(key)) continue;
      const left = missing(hole);
      const isCovered = left.every((part) =>
        wanted.some(({ from, to }) => from <= part.from && part.to <= to),
      );
      if (isCovered && !left.some((part) => isSame(part, hole))) changes.push({ ...hole, state: 'filled' });
      else kept.set(key, hole);
    }
    this.#holes = [...kept.values()];
    return changes;
  }
}

function isSame(a: IdRange, b: IdRange): boolean {
  return a.from === b.from && a.to === b.to;
}

function keyOf(hole: IdRange): string {
  return `${hole.from}-${hole.to}`;
}
