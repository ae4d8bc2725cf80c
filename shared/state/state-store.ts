/** A stored hot item: its bytes and the version that the next write must name. */
export interface HotItem {
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** An archive block: its panes by their index, and the version of the hot item that they were committed with. */
export interface ArchiveBlock {
  /** 0 where nothing was archived yet. A version above that of the hot item at hand shows that it is stale. */
  readonly version: number;
  readonly panes: ReadonlyMap<number, Uint8Array>;
}

/**
 * Where the windows' state lives. A key is feed and symbol, such as `trades#BTCUSDT`. Every write is conditional,
 * so that of two that started from the same state one loses, and knows it.
 */
export interface StateStore {
  /** The hot items of these keys as last committed; a key without one is left out. */
  readHot(keys: readonly string[]): Promise<ReadonlyMap<string, HotItem>>;
  /** Commits version `expected` + 1 over `expected` (0: there is none). False where another writer was first. */
  writeHot(key: string, expected: number, bytes: Uint8Array): Promise<boolean>;
  /** An archive block as last written; without panes where there is none. */
  readBlock(key: string, block: number): Promise<ArchiveBlock>;
  /**
   * Puts committed panes into a block. `version` is that of the hot item they were committed with: a writer that
   * holds an older one than the block was written with is refused (false).
   */
  writeBlock(
    key: string,
    block: number,
    version: number,
    panes: ReadonlyMap<number, Uint8Array>,
  ): Promise<boolean>;
}
