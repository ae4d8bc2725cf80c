import { MemoryStateStore } from '../shared/state/memory-state-store.ts';
import type { ArchiveBlock, HotItem, StateStore } from '../shared/state/state-store.ts';
import { readUnitsOf, type StateUse, writeUnitsOf } from './dynamodb-cost.ts';

/** Keys, version, expiry and their names in an item of the state table. */
const ITEM_BYTES = 70;
/** The name of a pane's attribute. */
const PANE_NAME_BYTES = 10;

/** State in memory that keeps the account of what DynamoDB would charge for. */
export class MeteredStateStore implements StateStore {
  readonly #store = new MemoryStateStore();
  readonly #hotBytes = new Map<string, number>();
  readonly #blockBytes = new Map<string, Map<number, number>>();
  hotWrites = 0;
  hotReads = 0;
  blockWrites = 0;
  blockReads = 0;
  largestHotBytes = 0;
  hotBytesSum = 0;
  #writeUnits = 0;
  #readUnits = 0;

  get use(): StateUse {
    let storedBytes = 0;
    for (const bytes of this.#hotBytes.values()) storedBytes += bytes;
    for (const name of this.#blockBytes.keys()) storedBytes += this.#sizeOf(name);
    return { writeUnits: this.#writeUnits, readUnits: this.#readUnits, storedBytes };
  }

  readHot(keys: readonly string[]): Promise<ReadonlyMap<string, HotItem>> {
    for (const key of keys) {
      this.hotReads += 1;
      this.#readUnits += readUnitsOf(this.#hotBytes.get(key) ?? 0);
    }
    return this.#store.readHot(keys);
  }

  async writeHot(key: string, expected: number, bytes: Uint8Array): Promise<boolean> {
    const size = ITEM_BYTES + bytes.length;
    this.hotWrites += 1;
    this.hotBytesSum += size;
    this.largestHotBytes = Math.max(this.largestHotBytes, size);
    this.#writeUnits += writeUnitsOf(Math.max(size, this.#hotBytes.get(key) ?? 0));
    this.#hotBytes.set(key, size);
    return this.#store.writeHot(key, expected, bytes);
  }

  readBlock(key: string, block: number): Promise<ArchiveBlock> {
    this.blockReads += 1;
    this.#readUnits += readUnitsOf(this.#sizeOf(`${key}#${block}`));
    return this.#store.readBlock(key, block);
  }

  async writeBlock(
    key: string,
    block: number,
    version: number,
    panes: ReadonlyMap<number, Uint8Array>,
  ): Promise<boolean> {
    const name = `${key}#${block}`;
    const sizes = this.#blockBytes.get(name) ?? new Map<number, number>();
    this.#blockBytes.set(name, sizes);
    for (const [index, bytes] of panes) sizes.set(index, PANE_NAME_BYTES + bytes.length);
    this.blockWrites += 1;
    // An update is charged for the whole item.
    this.#writeUnits += writeUnitsOf(this.#sizeOf(name));
    return this.#store.writeBlock(key, block, version, panes);
  }

  #sizeOf(name: string): number {
    const sizes = this.#blockBytes.get(name);
    if (sizes === undefined) return 0;
    let size = ITEM_BYTES;
    for (const bytes of sizes.values()) size += bytes;
    return size;
  }
}
