import type { LogRecord, RecordHeader } from '../../../shared/log/log.ts';
import type { FetchedMessage } from './kafkajs-internals.ts';

const NO_HEADERS: readonly RecordHeader[] = [];

/** A message of kafkajs as a record of the log. */
export function toLogRecord(topic: string, partition: number, message: FetchedMessage): LogRecord {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: toHeaders(message.headers),
  };
}

function toHeaders(headers: FetchedMessage['headers']): readonly RecordHeader[] {
  let found: RecordHeader[] | undefined;
  for (const key in headers) {
    const given = headers[key];
    found ??= [];
    for (const value of Array.isArray(given) ? given : [given ?? '']) {
      found.push({ key, value: typeof value === 'string' ? Buffer.from(value) : value });
    }
  }
  return found ?? NO_HEADERS;
}
