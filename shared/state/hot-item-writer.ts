import type { HotItem, StateStore } from './state-store.ts';

/** Commits the hot item of one feed, version after version, and only where its bytes changed. */
export class HotItemWriter {
  readonly key: string;
  readonly #store: StateStore;
  #version: number;
  #committed: Uint8Array | undefined;

  constructor(store: StateStore, key: string, stored: HotItem | undefined) {
    this.#store = store;
    this.key = key;
    this.#version = stored?.version ?? 0;
  }

  /** The version that was read or last committed. */
  get version(): number {
    return this.#version;
  }

  /** False where another writer was first. */
  async write(bytes: Buffer): Promise<boolean> {
    if (this.#committed !== undefined && bytes.equals(this.#committed)) return true;
    if (!(await this.#store.writeHot(this.key, this.#version, bytes))) return false;
    this.#version += 1;
    this.#committed = bytes;
    return true;
  }
}
