import { ByteReader } from '../../shared/state/byte-reader.ts';
import { ByteWriter } from '../../shared/state/byte-writer.ts';
import { readPane, writePane } from '../../shared/state/pane-codec.ts';
import type { StateStore } from '../../shared/state/state-store.ts';
import type { Pane } from '../../shared/window/pane.ts';
import { BLOCK_PANES } from '../../shared/window/resolution.ts';

/** Panes as bytes, by archive block and index. */
export type PaneBlocks = ReadonlyMap<number, ReadonlyMap<number, Uint8Array>>;

/** The panes as the archive holds them. */
export function byBlock(panes: readonly Pane[]): PaneBlocks {
  const blocks = new Map<number, Map<number, Uint8Array>>();
  for (const pane of panes) {
    const block = Math.floor(pane.index / BLOCK_PANES);
    const slots = blocks.get(block) ?? new Map<number, Uint8Array>();
    slots.set(pane.index, bytesOf(pane));
    blocks.set(block, slots);
  }
  return blocks;
}

/** The panes of index `start` up to, not including, `end`: those of the hot item are newer than the archive's. */
export async function panesBetween(
  store: Pick<StateStore, 'readBlock'>,
  key: string,
  hot: readonly Pane[],
  start: number,
  end: number,
): Promise<ReadonlyMap<number, Pane>> {
  const found = new Map<number, Pane>();
  for (let block = Math.floor(start / BLOCK_PANES); block * BLOCK_PANES < end; block += 1) {
    const { panes } = await store.readBlock(key, block);
    for (const [index, bytes] of panes) found.set(index, readPane(index, new ByteReader(bytes)));
  }
  for (const pane of hot) found.set(pane.index, pane);
  return new Map([...found].filter(([index]) => index >= start && index < end).sort(([a], [b]) => a - b));
}

/** A pane with the same content, to be changed apart. */
export function clonePane(pane: Pane): Pane {
  return readPane(pane.index, new ByteReader(bytesOf(pane)));
}

/** The content of a pane as bytes, its index aside. */
export function bytesOf(pane: Pane): Buffer {
  const to = new ByteWriter();
  writePane(pane, to);
  return to.finish();
}
