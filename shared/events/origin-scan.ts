import { ascii, type ByteCursor } from '../byte-cursor.ts';
import type { Source } from './source.ts';

const LIVE = ascii(',"source":"live","raw_partition":');
const BACKFILL = ascii(',"source":"backfill","raw_partition":');
const REPLAY = ascii(',"source":"replay","raw_partition":');
const OFFSET = ascii(',"raw_offset":');
const END = ascii('}');

/** Reads the end of a validated event, as `originText` writes it; false for any other bytes. */
export function scanOrigin(
  cursor: ByteCursor,
  into: { source: Source; rawPartition: number; rawOffset: number },
): boolean {
  if (cursor.literal(LIVE)) into.source = 'live';
  else if (cursor.literal(REPLAY)) into.source = 'replay';
  else if (cursor.literal(BACKFILL)) into.source = 'backfill';
  else return false;
  into.rawPartition = cursor.integer();
  if (into.rawPartition < 0 || !cursor.literal(OFFSET)) return false;
  into.rawOffset = cursor.integer();
  return into.rawOffset >= 0 && cursor.literal(END) && cursor.isAtEnd();
}
