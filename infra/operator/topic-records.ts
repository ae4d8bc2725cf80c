import { parseRawHeader, RAW_HEADER, type RawHeader } from '../../shared/events/raw-header.ts';
import type { LogReader, LogRecord } from '../../shared/log/log.ts';
import { offsetAfter } from '../../shared/log/offset-after.ts';

/** A record of a raw topic with its header `m`, where that can be read. */
export interface RawLogRecord extends LogRecord {
  readonly header: RawHeader | undefined;
}

const PAGE = 5_000;

/** All records of a raw topic, partition after partition, as far as they reached when each was begun. */
export async function* recordsOf(reader: LogReader, topic: string): AsyncGenerator<RawLogRecord> {
  const partitions = await reader.partitions(topic);
  for (let partition = 0; partition < partitions; partition += 1) {
    const { first, next } = await reader.bounds(topic, partition);
    for (let offset = first; offset < next; ) {
      const records = await reader.read({ topic, partition, offset }, PAGE);
      for (const record of records) yield { ...record, header: headerOf(record) };
      offset = offsetAfter(records, { topic, partition, offset }, next);
    }
  }
}

/** The header `m` of a raw record; undefined where it cannot be read. */
export function headerOf(record: LogRecord): RawHeader | undefined {
  const header = record.headers.find(({ key }) => key === RAW_HEADER);
  return header && parseRawHeader(header.value.toString('latin1'));
}
