import type { ArchiveBlock, HotItem, StateStore } from './state-store.ts';

/** State kept in memory, with the conditions of the real one: for tests, the simulator and measurements. */
export class MemoryStateStore implements StateStore {
  readonly #hot = new Map<string, HotItem>();
  readonly #blocks = new Map<string, { version: number; readonly panes: Map<number, Uint8Array> }>();

  async readHot(keys: readonly string[]): Promise<ReadonlyMap<string, HotItem>> {
    const found = new Map<string, HotItem>();
    for (const key of keys) {
      const item = this.#hot.get(key);
      if (item !== undefined) found.set(key, item);
    }
    return found;
  }

  async writeHot(key: string, expected: number, bytes: Uint8Array): Promise<boolean> {
    if ((this.#hot.get(key)?.version ?? 0) !== expected) return false;
    this.#hot.set(key, { version: expected + 1, bytes });
    return true;
  }

  /** The archive blocks of a key that hold panes. */
  blocksOf(key: string): readonly number[] {
    return [...this.#blocks.keys()]
      .filter((name) => name.startsWith(`${key}#`))
      .map((name) => Number(name.slice(key.length + 1)));
  }

  async readBlock(key: string, block: number): Promise<ArchiveBlock> {
    const stored = this.#blocks.get(`${key}#${block}`);
    return { version: stored?.version ?? 0, panes: new Map(stored?.panes) };
  }

  async writeBlock(
    key: string,
    block: number,
    version: number,
    panes: ReadonlyMap<number, Uint8Array>,
  ): Promise<boolean> {
    const name = `${key}#${block}`;
    const stored = this.#blocks.get(name) ?? { version: 0, panes: new Map<number, Uint8Array>() };
    if (stored.version > version) return false;
    stored.version = version;
    for (const [index, bytes] of panes) stored.panes.set(index, bytes);
    this.#blocks.set(name, stored);
    return true;
  }
}
