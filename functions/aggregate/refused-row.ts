import type { Row } from '../../shared/row.ts';
import type { RefusedRecord } from './effects.ts';

/**
 * The letter of a row that the store refused. A row stands nowhere in the log, so its place is made of the row
 * itself: the table, a hash of the row's identity for the partition, and what tells its versions apart for the
 * offset. The same row always gets the same place, and two rows never share one (but for a hash that collides).
 */
export function refusedRow(row: Row, reason: string): RefusedRecord {
  return {
    reason: 'ROW_REFUSED',
    error: `The store refused a row of ${row.table}: ${reason}`,
    topic: row.table,
    partition: identityHash(row),
    offset: Number(BigInt(row.version) & OFFSET_BITS),
    key: row.dimensions.find(([name]) => name === 'symbol')?.[1] ?? null,
    receivedMs: Number(row.timeNs.slice(0, -6)),
    payload: Buffer.from(JSON.stringify(row)),
  };
}

/** A version is epoch × 2^40 + 2k + final: below the epoch it counts the row's changes. */
const OFFSET_BITS = (1n << 40n) - 1n;

/** 31 bits of FNV-1a over what makes a row that row. */
function identityHash(row: Row): number {
  const text = JSON.stringify([row.dimensions, row.timeNs]);
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 1;
}
