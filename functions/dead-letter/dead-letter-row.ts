import { createHash } from 'node:crypto';
import type { DeadLetter } from '../../shared/events/dead-letter.ts';
import type { Column, Row } from '../../shared/row.ts';
import { TABLES } from '../../shared/tables.ts';

/** How much of the original a row shows; the topic keeps the whole. */
const PAYLOAD_BYTES = 512;
/** A row holds 2 KB in all. */
const ERROR_BYTES = 400;
const KEY_BYTES = 64;
const OFFSETS_PER_MS = 1_000_000;

/**
 * The row of a letter in `dead_letters`. It is a pure function of the source record: the time of the refusal
 * is left out, so that a retried validate writes the same row again and not another one of the same version.
 */
export function deadLetterRow(letter: DeadLetter): Row {
  const { topic, partition, offset, payload } = letter;
  const columns: Column[] = [
    { name: 'reason', type: 'VARCHAR', value: letter.reason },
    { name: 'error', type: 'VARCHAR', value: shortText(letter.error, ERROR_BYTES) },
    { name: 'offset', type: 'BIGINT', value: String(offset) },
    { name: 'attempts', type: 'BIGINT', value: String(letter.attempts) },
    { name: 'received_ms', type: 'DOUBLE', value: String(letter.receivedMs) },
    { name: 'size_bytes', type: 'BIGINT', value: String(payload.length) },
    { name: 'sha256', type: 'VARCHAR', value: createHash('sha256').update(payload).digest('hex') },
  ];
  const { key } = letter;
  if (key !== null && key !== '')
    columns.push({ name: 'key', type: 'VARCHAR', value: shortText(key, KEY_BYTES) });
  const text = shortText(Buffer.from(payload.subarray(0, PAYLOAD_BYTES)).toString(), PAYLOAD_BYTES);
  if (text !== '') columns.push({ name: 'payload', type: 'VARCHAR', value: text });
  return {
    table: TABLES.deadLetters,
    dimensions: [
      ['topic', topic],
      ['partition', String(partition)],
    ],
    timeNs: `${Math.max(0, Math.floor(letter.receivedMs))}${String(offset % OFFSETS_PER_MS).padStart(6, '0')}`,
    version: '1',
    columns: columns.filter(({ value }) => value !== ''),
  };
}

/** The text without control characters, cut to a number of UTF-8 bytes between two characters. */
function shortText(text: string, maxBytes: number): string {
  const clean = text.replace(/\p{Cc}/gu, '\uFFFD');
  if (Buffer.byteLength(clean) <= maxBytes) return clean;
  let size = 0;
  let kept = '';
  for (const character of clean) {
    size += Buffer.byteLength(character);
    if (size > maxBytes) break;
    kept += character;
  }
  return kept;
}
