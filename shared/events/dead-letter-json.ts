import { FieldReader, isJsonObject } from '../binance/field-reader.ts';
import type { DeadLetter } from './dead-letter.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A letter above this would not fit a record of Kafka (1 MiB by default), and no retry would ever help. */
export const MAX_LETTER_BYTES = 1_000_000;

/** What is kept of a payload that is too large: even where every byte takes six in JSON, it fits. */
export const CUT_PAYLOAD_BYTES = 150_000;

/**
 * A dead letter as JSON text, in fixed field order; the payload as text where it is UTF-8, else base64. A
 * payload that makes the letter larger than {@link MAX_LETTER_BYTES} is cut, and `error` says so: the whole
 * still stands at the letter's place in the raw log.
 */
export function encodeDeadLetter(letter: DeadLetter): string {
  const text = lettersText(letter);
  if (Buffer.byteLength(text) <= MAX_LETTER_BYTES) return text;
  const { error, payload } = letter;
  return lettersText({
    ...letter,
    error: `${error.slice(0, 1000)} (The payload was cut from ${payload.length} to ${CUT_PAYLOAD_BYTES} bytes.)`,
    payload: payload.subarray(0, CUT_PAYLOAD_BYTES),
  });
}

function lettersText(letter: DeadLetter): string {
  const text = utf8Of(letter.payload);
  return JSON.stringify({
    event_type: 'dead_letter',
    reason: letter.reason,
    error: letter.error,
    topic: letter.topic,
    partition: letter.partition,
    offset: letter.offset,
    key: letter.key,
    received_ms: letter.receivedMs,
    refused_ms: letter.refusedMs,
    attempts: letter.attempts,
    raw_payload: text ?? bufferOf(letter.payload).toString('base64'),
    raw_encoding: text === undefined ? 'base64' : 'utf8',
  });
}

/** A dead letter back from its bytes, the payload byte for byte; undefined where they are none. */
export function parseDeadLetter(bytes: Uint8Array): DeadLetter | undefined {
  let json: unknown;
  try {
    json = JSON.parse(UTF8.decode(bytes));
  } catch {
    return undefined;
  }
  if (!isJsonObject(json) || json.event_type !== 'dead_letter') return undefined;
  const { key, received_ms, refused_ms } = json;
  const fields = new FieldReader(json);
  const payload = payloadOf(fields.text('raw_payload'), fields.text('raw_encoding'));
  const letter = {
    reason: fields.text('reason'),
    error: fields.text('error'),
    topic: fields.text('topic'),
    partition: fields.id('partition'),
    offset: fields.id('offset'),
    attempts: fields.id('attempts'),
  };
  if (fields.refusal !== undefined || payload === undefined) return undefined;
  if (key !== null && typeof key !== 'string') return undefined;
  if (typeof received_ms !== 'number' || typeof refused_ms !== 'number') return undefined;
  return { ...letter, key, receivedMs: received_ms, refusedMs: refused_ms, payload };
}

function payloadOf(text: string, encoding: string): Uint8Array | undefined {
  if (encoding === 'utf8') return Buffer.from(text);
  return encoding === 'base64' && BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
}

function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
