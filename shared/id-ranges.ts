/** Ids `from`..`to`, both included. */
export interface IdRange {
  readonly from: number;
  readonly to: number;
}

/**
 * A set of ids kept as contiguous ranges in rising order. Trade ids are contiguous per symbol, so a symbol that
 * lost nothing is one range, and adding the next id costs no search.
 */
export class IdRanges {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #count = 0;

  /** Ids in the set. */
  get count(): number {
    return this.#count;
  }

  /** Ranges in the set; one less than its holes. */
  get rangeCount(): number {
    return this.#starts.length;
  }

  /** The lowest id; undefined where the set is empty. */
  get lowest(): number | undefined {
    return this.#starts[0];
  }

  /** The highest id; undefined where the set is empty. */
  get highest(): number | undefined {
    return this.#ends[this.#ends.length - 1];
  }

  /** Adds one id; false where it was in the set already. */
  add(id: number): boolean {
    const last = this.#ends.length - 1;
    if (last >= 0 && this.#ends[last] === id - 1) {
      this.#ends[last] = id;
      this.#count += 1;
      return true;
    }
    return this.addRange(id, id) === 1;
  }

  /** Adds `from`..`to` and returns how many of them are new. An empty range (`to` below `from`) adds none. */
  addRange(from: number, to: number): number {
    if (to < from) return 0;
    const first = this.#firstEndingAtOrAfter(from - 1);
    let after = first;
    let start = from;
    let end = to;
    let had = 0;
    for (; after < this.#starts.length && this.#startOf(after) <= to + 1; after += 1) {
      start = Math.min(start, this.#startOf(after));
      end = Math.max(end, this.#endOf(after));
      had += this.#endOf(after) - this.#startOf(after) + 1;
    }
    this.#starts.splice(first, after - first, start);
    this.#ends.splice(first, after - first, end);
    const added = end - start + 1 - had;
    this.#count += added;
    return added;
  }

  has(id: number): boolean {
    const at = this.#firstEndingAtOrAfter(id);
    return at < this.#starts.length && this.#startOf(at) <= id;
  }

  /** The ids of `from`..`to` that are not in the set, as ranges in rising order. */
  missingWithin(from: number, to: number): readonly IdRange[] {
    const missing: IdRange[] = [];
    let next = from;
    for (let at = this.#firstEndingAtOrAfter(from); at < this.#starts.length && next <= to; at += 1) {
      const start = this.#startOf(at);
      if (start > to) break;
      if (start > next) missing.push({ from: next, to: start - 1 });
      next = this.#endOf(at) + 1;
    }
    if (next <= to) missing.push({ from: next, to });
    return missing;
  }

  /** The holes between the ranges, in rising order. */
  holes(): readonly IdRange[] {
    return this.#starts.slice(1).map((start, before) => ({ from: this.#endOf(before) + 1, to: start - 1 }));
  }

  /** The ranges, in rising order. */
  ranges(): readonly IdRange[] {
    return this.#starts.map((from, at) => ({ from, to: this.#endOf(at) }));
  }

  /** Takes the lowest range out of the set; undefined where it is empty. */
  shift(): IdRange | undefined {
    const from = this.#starts.shift();
    const to = this.#ends.shift();
    if (from === undefined || to === undefined) return undefined;
    this.#count -= to - from + 1;
    return { from, to };
  }

  /**
   * The set as short text: in base 36, the first id, then by turns how many follow it in the range and how many
   * are missing up to the next, joined by dots. Empty for the empty set.
   */
  serialise(): string {
    const parts: string[] = [];
    let next = 0;
    this.#starts.forEach((start, at) => {
      parts.push((start - next).toString(36), (this.#endOf(at) - start).toString(36));
      next = this.#endOf(at) + 1;
    });
    return parts.join('.');
  }

  /** The set back from {@link serialise}; undefined for any other text. */
  static parse(text: string): IdRanges | undefined {
    const set = new IdRanges();
    if (text === '') return set;
    const parts = text.split('.');
    if (parts.length % 2 !== 0) return undefined;
    let next = 0;
    for (let at = 0; at < parts.length; at += 2) {
      const gap = fromBase36(parts[at]);
      const more = fromBase36(parts[at + 1]);
      if (gap === undefined || more === undefined || (at > 0 && gap === 0)) return undefined;
      const start = next + gap;
      if (!Number.isSafeInteger(start + more)) return undefined;
      set.#starts.push(start);
      set.#ends.push(start + more);
      set.#count += more + 1;
      next = start + more + 1;
    }
    return set;
  }

  /** Index of the first range whose end is `id` or above; the number of ranges where there is none. */
  #firstEndingAtOrAfter(id: number): number {
    let low = 0;
    let high = this.#ends.length;
    if (high > 0 && this.#endOf(high - 1) < id) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#endOf(middle) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #startOf(at: number): number {
    return this.#starts[at] ?? Number.NaN;
  }

  #endOf(at: number): number {
    return this.#ends[at] ?? Number.NaN;
  }
}

function fromBase36(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9a-z]{1,11}$/.test(text) ? Number.parseInt(text, 36) : undefined;
}
