import type { MSKEvent, MSKRecord } from './kafka-event.ts';

/** Keys are symbols; beyond this many the memory is emptied rather than grown. */
const REMEMBERED_KEYS = 8192;

/** The records of one partition of an event, in offset order. */
export interface PartitionRecords {
  /** The name that a batch response takes: `<topic>-<partition>`. */
  readonly name: string;
  readonly records: readonly MSKRecord[];
}

/** The partitions of an event. Nothing is decoded: the functions below do that where it is wanted. */
export function partitionRecords(event: MSKEvent): readonly PartitionRecords[] {
  return Object.entries(event.records).map(([name, records]) => ({ name, records }));
}

/** How many records an event holds. */
export function countRecords(event: MSKEvent): number {
  let count = 0;
  for (const name in event.records) count += event.records[name]?.length ?? 0;
  return count;
}

const keys = new Map<string, string>();

/** The key as text; null where there is none (Lambda leaves it out or gives an empty one). */
export function recordKey(record: MSKRecord): string | null {
  const encoded = record.key;
  if (encoded === undefined || encoded === '') return null;
  let key = keys.get(encoded);
  if (key === undefined) {
    key = Buffer.from(encoded, 'base64').toString();
    if (keys.size >= REMEMBERED_KEYS) keys.clear();
    keys.set(encoded, key);
  }
  return key;
}

/** The value's bytes; null for a tombstone. */
export function recordValue(record: MSKRecord): Buffer | null {
  return record.value === null ? null : Buffer.from(record.value, 'base64');
}

/** The first header of a name, as UTF-8 text; undefined where there is none. */
export function recordHeader(record: MSKRecord, name: string): string | undefined {
  const bytes = recordHeaderBytes(record, name);
  return bytes === undefined ? undefined : signedText(bytes);
}

/** The first header of a name as the signed bytes that Lambda gives. */
export function recordHeaderBytes(record: MSKRecord, name: string): readonly number[] | undefined {
  for (const header of record.headers) {
    const bytes = header[name];
    if (bytes !== undefined && Object.hasOwn(header, name)) return bytes;
  }
  return undefined;
}

/** Signed (or unsigned) bytes of UTF-8 to text. */
export function signedText(bytes: readonly number[]): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    // Anything but ASCII goes the long way; our own headers never do.
    if (byte < 0 || byte > 127) return Buffer.from(bytes).toString();
    text += String.fromCharCode(byte);
  }
  return text;
}
