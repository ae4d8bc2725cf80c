import type { Micros } from '../../../shared/units.ts';
import type { RecordedItem } from './recorded-item.ts';

interface Cursor {
  readonly batches: AsyncIterator<RecordedItem[]>;
  batch: readonly RecordedItem[];
  next: number;
  /** The largest receive time seen so far: a file whose times step back keeps its order. */
  atUs: Micros;
}

/** Merges files by receive time; each file keeps its own order, and of equal times the earlier source goes first. */
export async function* mergeByTime(
  sources: readonly AsyncIterable<RecordedItem[]>[],
): AsyncGenerator<RecordedItem> {
  const open: Cursor[] = [];
  const opened: Cursor[] = [];
  try {
    for (const source of sources) {
      const cursor: Cursor = { batches: source[Symbol.asyncIterator](), batch: [], next: 0, atUs: 0 };
      opened.push(cursor);
      if (await refill(cursor)) open.push(cursor);
    }
    while (open.length > 0) {
      const cursor = earliest(open);
      const item = cursor.batch[cursor.next];
      if (item !== undefined) yield item;
      cursor.next += 1;
      if (!look(cursor) && !(await refill(cursor))) open.splice(open.indexOf(cursor), 1);
    }
  } finally {
    for (const cursor of opened) await cursor.batches.return?.();
  }
}

function earliest(open: readonly Cursor[]): Cursor {
  return open.reduce((best, cursor) => (cursor.atUs < best.atUs ? cursor : best));
}

async function refill(cursor: Cursor): Promise<boolean> {
  for (;;) {
    const { done, value } = await cursor.batches.next();
    if (done === true) return false;
    cursor.batch = value;
    cursor.next = 0;
    if (look(cursor)) return true;
  }
}

/** Takes the next item's time into account; false at the end of the batch. */
function look(cursor: Cursor): boolean {
  const item = cursor.batch[cursor.next];
  if (item === undefined) return false;
  if ('receivedUs' in item && item.receivedUs > cursor.atUs) cursor.atUs = item.receivedUs;
  return true;
}
