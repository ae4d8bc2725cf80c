import type { Row } from '../../shared/row.ts';
import { deadLetterRow } from './dead-letter-row.ts';
import { type DeadLetterRecord, type RawTopics, readLetter } from './read-letter.ts';

/** What a batch of letters asks for: the rows to keep, and how many letters there were by reason. */
export interface KeptLetters {
  readonly rows: readonly Row[];
  readonly byReason: Readonly<Record<string, number>>;
}

/** One row per source record: of several letters about the same one in a batch, the first stands. */
export function keepLetters(records: Iterable<DeadLetterRecord>, rawTopics: RawTopics): KeptLetters {
  const rows = new Map<string, Row>();
  const byReason: Record<string, number> = {};
  for (const record of records) {
    const letter = readLetter(record, rawTopics);
    byReason[letter.reason] = (byReason[letter.reason] ?? 0) + 1;
    const row = deadLetterRow(letter);
    const identity = `${row.timeNs} ${letter.partition} ${letter.topic}`;
    if (!rows.has(identity)) rows.set(identity, row);
  }
  return { rows: [...rows.values()], byReason };
}
