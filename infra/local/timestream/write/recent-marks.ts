import type { StoredMark } from './version-rule.ts';

/** Recent rows that are remembered per table, and series whose newest time is. */
const MARKS_MOST = 50_000;
const SERIES_MOST = 100_000;

/**
 * What the writer remembers of one table so that it seldom has to read before it writes: the marks of recent
 * rows, and the newest time of each series. It holds only what is committed, and it may forget anything.
 */
export class RecentMarks {
  readonly #marks = new Map<string, StoredMark>();
  #newest: Map<bigint, bigint> | undefined;

  constructor(newest: Map<bigint, bigint>) {
    this.#newest = newest.size > SERIES_MOST ? undefined : newest;
  }

  /** The mark of a row; `unknown` where only the table can tell; undefined where there is surely none. */
  find(key: string, series: bigint, timeNs: bigint): StoredMark | 'unknown' | undefined {
    const mark = this.#marks.get(key);
    if (mark !== undefined) return mark;
    if (this.#newest === undefined) return 'unknown';
    const newest = this.#newest.get(series);
    return newest === undefined || timeNs > newest ? undefined : 'unknown';
  }

  /** Takes a committed row over. */
  remember(key: string, series: bigint, timeNs: bigint, mark: StoredMark): void {
    this.#marks.delete(key);
    this.#marks.set(key, mark);
    if (this.#marks.size > MARKS_MOST) {
      for (const oldest of this.#marks.keys()) {
        this.#marks.delete(oldest);
        break;
      }
    }
    const newest = this.#newest?.get(series);
    if (newest === undefined || timeNs > newest) this.#newest?.set(series, timeNs);
    if ((this.#newest?.size ?? 0) > SERIES_MOST) this.#newest = undefined;
  }
}
