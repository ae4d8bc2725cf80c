import { attemptOf } from '../../shared/events/attempts-header.ts';
import type { DeadLetter } from '../../shared/events/dead-letter.ts';
import { parseDeadLetter } from '../../shared/events/dead-letter-json.ts';
import { parseEvent } from '../../shared/events/parse-event.ts';
import { parseRawHeader, RAW_HEADER } from '../../shared/events/raw-header.ts';
import { REASONS } from '../../shared/events/reasons.ts';
import { FAILURE_HEADERS } from '../../shared/log/failure-headers.ts';
import type { RecordPosition } from '../../shared/log/log.ts';
import type { Millis } from '../../shared/units.ts';

/** A record of the dead letter topic, decoded. */
export interface DeadLetterRecord extends RecordPosition {
  readonly timestampMs: Millis;
  readonly key: string | null;
  readonly value: Uint8Array | null;
  /** The text of a header; undefined where the record has none of that name. */
  readonly header: (name: string) => string | undefined;
}

/** The raw topic that a validated topic's events came from, by the validated topic's name. */
export type RawTopics = Readonly<Record<string, string>>;

/**
 * The letter of a record: one of ours, or else what a mapping's failure destination sent, which is the source
 * record itself with the failure in its headers. AWS does not publish the names of those headers, so a record
 * without them is kept too, at its own place in the dead letter topic.
 */
export function readLetter(record: DeadLetterRecord, rawTopics: RawTopics): DeadLetter {
  const payload = record.value ?? new Uint8Array(0);
  return parseDeadLetter(payload) ?? failedDelivery(record, payload, rawTopics);
}

function failedDelivery(record: DeadLetterRecord, payload: Uint8Array, rawTopics: RawTopics): DeadLetter {
  const { header } = record;
  const cause = header(FAILURE_HEADERS.error) ?? header(FAILURE_HEADERS.condition);
  const source = sourceOf(record);
  const received = parseRawHeader(header(RAW_HEADER) ?? '');
  const letter: DeadLetter = {
    reason: 'DELIVERY_FAILED',
    error: cause === undefined ? REASONS.DELIVERY_FAILED : `${REASONS.DELIVERY_FAILED} ${cause}`,
    ...source,
    key: record.key,
    receivedMs: received === undefined ? source.receivedMs : received.receivedUs / 1000,
    refusedMs: record.timestampMs,
    attempts: attemptOf(invocationsBefore(header(FAILURE_HEADERS.invokeCount))),
    payload,
  };
  const rawTopic = rawTopics[letter.topic];
  if (rawTopic === undefined) return letter;
  const event = parseEvent(payload);
  if (event.kind === 'refused') return letter;
  return { ...letter, topic: rawTopic, ...event.raw, receivedMs: event.receivedUs / 1000 };
}

function sourceOf(record: DeadLetterRecord): RecordPosition & { readonly receivedMs: Millis } {
  const { header, topic, partition, offset, timestampMs } = record;
  const source = {
    topic: header(FAILURE_HEADERS.topic),
    partition: wholeNumber(header(FAILURE_HEADERS.partition)),
    offset: wholeNumber(header(FAILURE_HEADERS.offset)),
  };
  const receivedMs = wholeNumber(header(FAILURE_HEADERS.timestamp)) ?? timestampMs;
  if (source.topic === undefined || source.partition === undefined || source.offset === undefined) {
    return { topic, partition, offset, receivedMs };
  }
  return { topic: source.topic, partition: source.partition, offset: source.offset, receivedMs };
}

/** The mapping counts the calls with this record, the last one included. */
function invocationsBefore(count: string | undefined): string | undefined {
  const calls = wholeNumber(count);
  return calls === undefined || calls < 1 ? undefined : String(calls - 1);
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
