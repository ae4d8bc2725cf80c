import type { DeadLetter } from '../../shared/events/dead-letter.ts';
import { type LetterPlace, parseRedriveMark, REDRIVE_MARK_HEADER } from '../../shared/events/redrive-mark.ts';
import type { LogReader, LogRecord } from '../../shared/log/log.ts';
import { offsetAfter } from '../../shared/log/offset-after.ts';
import type { Millis } from '../../shared/units.ts';
import { type RawTopics, readLetter } from './read-letter.ts';

const PAGE = 500;

/** A letter as it stands in the dead letter topic. */
export interface KeptLetter extends LetterPlace {
  /** When it was appended, wall time. */
  readonly keptMs: Millis;
  readonly letter: DeadLetter;
  /** When it was put back; null where it was not. */
  readonly redrivenMs: Millis | null;
}

/** Which letters are meant; null takes all. */
export interface LetterFilter {
  readonly reason: string | null;
  /** Letters kept at that time or later. */
  readonly sinceMs: Millis | null;
}

/** What reading the letters needs. */
export interface LetterSource {
  readonly reader: LogReader;
  readonly deadLetterTopic: string;
  readonly rawTopics: RawTopics;
}

/**
 * The letters of the dead letter topic, in its order, as far as it reached at the call. A letter that was put back
 * is marked by a later record, so the topic is read twice; what is held are the places of the marked ones.
 */
export async function* readLetters(source: LetterSource, filter: LetterFilter): AsyncGenerator<KeptLetter> {
  const redriven = new Map<string, Millis>();
  for await (const record of recordsOf(source)) {
    if (!isMark(record)) continue;
    for (const place of parseRedriveMark(record.value)) redriven.set(placeName(place), record.timestampMs);
  }
  for await (const record of recordsOf(source)) {
    if (isMark(record) || record.timestampMs < (filter.sinceMs ?? 0)) continue;
    const letter = letterOf(record, source.rawTopics);
    if (filter.reason !== null && letter.reason !== filter.reason) continue;
    const { partition, offset, timestampMs } = record;
    const redrivenMs = redriven.get(placeName(record)) ?? null;
    yield { partition, offset, keptMs: timestampMs, letter, redrivenMs };
  }
}

/** A letter's name for a person: its offset, in partition 0 of a topic that has one partition. */
export function placeName({ partition, offset }: LetterPlace): string {
  return partition === 0 ? String(offset) : `${partition}:${offset}`;
}

/** A header of a record of the log, as text. */
export function headerText(record: LogRecord, name: string): string | undefined {
  return record.headers.find(({ key }) => key === name)?.value.toString();
}

function isMark(record: LogRecord): boolean {
  return headerText(record, REDRIVE_MARK_HEADER) !== undefined;
}

function letterOf(record: LogRecord, rawTopics: RawTopics): DeadLetter {
  const { topic, partition, offset, timestampMs, value } = record;
  const key = record.key?.toString() ?? null;
  const header = (name: string): string | undefined => headerText(record, name);
  return readLetter({ topic, partition, offset, timestampMs, key, value, header }, rawTopics);
}

async function* recordsOf({ reader, deadLetterTopic: topic }: LetterSource): AsyncGenerator<LogRecord> {
  const partitions = await reader.partitions(topic);
  for (let partition = 0; partition < partitions; partition += 1) {
    const { first, next } = await reader.bounds(topic, partition);
    for (let offset = first; offset < next; ) {
      const records = await reader.read({ topic, partition, offset }, PAGE);
      for (const record of records) if (record.offset < next) yield record;
      offset = offsetAfter(records, { topic, partition, offset }, next);
    }
  }
}
