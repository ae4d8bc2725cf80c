import { readRawRecord } from '../../shared/binance/read-raw-record.ts';
import type { ValidationRules } from '../../shared/binance/validation-rules.ts';
import { ATTEMPTS_HEADER, attemptOf } from '../../shared/events/attempts-header.ts';
import type { DeadLetter } from '../../shared/events/dead-letter.ts';
import { encodeRawHeader, parseRawHeader, RAW_HEADER } from '../../shared/events/raw-header.ts';
import type { LogReader, LogRecord, OutgoingRecord } from '../../shared/log/log.ts';
import type { Row } from '../../shared/row.ts';
import { headerText } from './letter-book.ts';
import { parseRow } from './parse-row.ts';

/** A record that was tried so often is not put back again: what fails five times needs a person, not a sixth. */
export const MAX_ATTEMPTS = 5;

/** Why a letter is left where it is. */
export const LEFT_REASONS = {
  ALREADY_REDRIVEN: 'It was put back before.',
  STILL_REFUSED: 'It would be refused again.',
  TOO_MANY_ATTEMPTS: `It has been tried ${MAX_ATTEMPTS} times.`,
  WINDOW_CLOSED: 'Its window is older than the log; only a rebuild could change it.',
  SOURCE_GONE: 'The record that it is about is in the log no more, and the letter does not hold it.',
} as const;

/** A stable code of {@link LEFT_REASONS}. */
export type LeftReason = keyof typeof LEFT_REASONS;

/** What can be done for a letter. */
export type Repair =
  | { readonly kind: 'record'; readonly record: OutgoingRecord }
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'left'; readonly why: LeftReason };

/** What judging a letter needs. */
export interface RepairDeps {
  readonly reader: LogReader;
  /** The raw topics, whose records can be put back. */
  readonly rawTopics: readonly string[];
  /** The rules of validation as they are now. */
  readonly rules: ValidationRules;
}

/**
 * Judges a letter by today's rules. A record is put back into its raw topic with its own bytes and header, read
 * from the log where it is still there, so that it takes the way of every record and is counted by its id once. A
 * refused row is written again under its own version.
 */
export async function repairOf(letter: DeadLetter, deps: RepairDeps): Promise<Repair> {
  if (letter.reason === 'ROW_REFUSED') {
    const row = parseRow(letter.payload);
    return row === undefined ? left('SOURCE_GONE') : { kind: 'row', row };
  }
  if (letter.reason === 'LATE') return left('WINDOW_CLOSED');
  if (!deps.rawTopics.includes(letter.topic)) return left('SOURCE_GONE');
  const source = await sourceOf(letter, deps.reader);
  const value = source === undefined ? letter.payload : source.value;
  const key = source === undefined ? letter.key : (source.key?.toString() ?? null);
  if (value === null || value.length === 0) return left('STILL_REFUSED');
  const tried = Math.max(
    letter.attempts,
    source === undefined ? 0 : attemptOf(headerText(source, ATTEMPTS_HEADER)),
  );
  if (tried >= MAX_ATTEMPTS) return left('TOO_MANY_ATTEMPTS');
  const known = source === undefined ? undefined : parseRawHeader(headerText(source, RAW_HEADER) ?? '');
  const header = known ?? {
    receivedUs: Math.round(letter.receivedMs * 1000),
    connection: 'redrive',
    source: 'live' as const,
    frame: 0,
  };
  const { partition, offset, receivedMs } = letter;
  const outcome = readRawRecord(
    { value, key, header, raw: { partition, offset }, timestampMs: receivedMs },
    deps.rules,
  );
  // Where the source is gone, a letter of the aggregate holds the validated event: no frame, and refused here.
  if (outcome.kind !== 'event') return left(source === undefined ? 'SOURCE_GONE' : 'STILL_REFUSED');
  const headers: OutgoingRecord['headers'] = [
    [RAW_HEADER, encodeRawHeader(header)],
    [ATTEMPTS_HEADER, String(tried)],
  ];
  return { kind: 'record', record: { topic: letter.topic, key, value, headers } };
}

async function sourceOf(letter: DeadLetter, reader: LogReader): Promise<LogRecord | undefined> {
  const { topic, partition, offset } = letter;
  if (partition >= (await reader.partitions(topic))) return undefined;
  const { first, next } = await reader.bounds(topic, partition);
  if (offset < first || offset >= next) return undefined;
  const [record] = await reader.read({ topic, partition, offset }, 1);
  return record?.offset === offset ? record : undefined;
}

function left(why: LeftReason): Repair {
  return { kind: 'left', why };
}
