import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { encodeRawHeader } from '../../../shared/events/raw-header.ts';
import type { MSKEvent, MSKRecord } from '../../../shared/log/kafka-event.ts';
import type { OutgoingRecord } from '../../../shared/log/log.ts';

/** The Lambda event of the first frames of one stream in the recording of 2024-08-08, as MSK would give it. */
export function recordedRawEvent(
  recordings: string,
  stream: string,
  topic: string,
  count: number,
  bootstrapServers = 'b-1.example:9098',
): MSKEvent {
  const symbol = stream.split('@')[0] ?? '';
  const file = join(recordings, 'binance-spot-2024-08-08', `${symbol}_20240808.gz`);
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  const frames = lines.filter((line) => line.includes(`"stream":"${stream}"`)).slice(0, count);
  const records = frames.map((line, offset): MSKRecord => {
    const space = line.indexOf(' ');
    const receivedUs = Math.floor(Number(line.slice(0, space)) / 1_000);
    const header = encodeRawHeader({ receivedUs, connection: 't0-1', source: 'replay', frame: offset });
    return {
      topic,
      partition: 0,
      offset,
      timestamp: Math.floor(receivedUs / 1_000),
      timestampType: 'CREATE_TIME',
      key: Buffer.from(symbol.toUpperCase()).toString('base64'),
      value: Buffer.from(line.slice(space + 1)).toString('base64'),
      headers: [{ m: [...Buffer.from(header)] }],
    };
  });
  return eventOf(topic, records, bootstrapServers);
}

/** Records that a function sent to one topic, as the event of the next. */
export function eventOfSent(sent: readonly OutgoingRecord[], topic: string): MSKEvent {
  const records = sent
    .filter((record) => record.topic === topic)
    .map(
      (record, offset): MSKRecord => ({
        topic,
        partition: 0,
        offset,
        timestamp: 1_723_161_300_000,
        timestampType: 'CREATE_TIME',
        ...(record.key !== null && { key: Buffer.from(record.key).toString('base64') }),
        value: record.value === null ? null : Buffer.from(record.value).toString('base64'),
        headers: [],
      }),
    );
  return eventOf(topic, records, 'b-1.example:9098');
}

function eventOf(topic: string, records: readonly MSKRecord[], bootstrapServers: string): MSKEvent {
  return {
    eventSource: 'aws:kafka',
    eventSourceArn: 'arn:aws:kafka:eu-west-1:123456789012:cluster/market/1',
    bootstrapServers,
    records: { [`${topic}-0`]: records },
  };
}
