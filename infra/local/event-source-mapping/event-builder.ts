import type { MSKEvent, MSKRecord } from '../../../shared/log/kafka-event.ts';
import type { LogRecord, RecordHeader } from '../../../shared/log/log.ts';

/** What stands in every event of one mapping. */
export interface EventSource {
  readonly arn: string;
  readonly bootstrapServers: string;
}

/** How many records from the front fit one event; `tooLarge` where not even the first does. */
export type Fit = { readonly kind: 'fits'; readonly count: number } | { readonly kind: 'tooLarge' };

/**
 * Builds Lambda's event from records of the log, and knows the exact size of its JSON without writing it:
 * everything in it is ASCII, so each part's length is known from the record.
 */
export class EventBuilder {
  readonly #source: EventSource;
  readonly #emptyBytes: number;

  constructor(source: EventSource) {
    this.#source = source;
    this.#emptyBytes = Buffer.byteLength(JSON.stringify(this.build([])));
  }

  build(records: readonly LogRecord[]): MSKEvent {
    const byPartition: Record<string, MSKRecord[]> = {};
    let list: MSKRecord[] | undefined;
    let partition = -1;
    for (const record of records) {
      if (list === undefined || record.partition !== partition) {
        partition = record.partition;
        const name = `${record.topic}-${partition}`;
        list = byPartition[name] ?? [];
        byPartition[name] = list;
      }
      list.push(toEventRecord(record));
    }
    return {
      eventSource: 'aws:kafka',
      eventSourceArn: this.#source.arn,
      bootstrapServers: this.#source.bootstrapServers,
      records: byPartition,
    };
  }

  /** How many of the records, from the first, make an event of at most these many records and bytes. */
  fit(records: readonly LogRecord[], maxRecords: number, limitBytes: number): Fit {
    const seen = new Set<number>();
    let bytes = this.#emptyBytes;
    let count = 0;
    for (const record of records) {
      if (count === maxRecords) break;
      bytes += eventRecordBytes(record);
      if (seen.has(record.partition)) bytes += 1;
      else {
        // `"topic-0":[]`, and a comma before all but the first.
        bytes += record.topic.length + digits(record.partition) + 6 + (seen.size > 0 ? 1 : 0);
        seen.add(record.partition);
      }
      if (bytes > limitBytes) break;
      count += 1;
    }
    return count === 0 && records.length > 0 ? { kind: 'tooLarge' } : { kind: 'fits', count };
  }
}

function toEventRecord(record: LogRecord): MSKRecord {
  const value = record.value === null ? null : record.value.toString('base64');
  const headers = record.headers.map((header) => ({ [header.key]: signedBytes(header.value) }));
  const common = {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    timestamp: record.timestampMs,
    timestampType: 'CREATE_TIME',
  } as const;
  if (record.key === null) return { ...common, value, headers };
  return { ...common, key: record.key.toString('base64'), value, headers };
}

function signedBytes(bytes: Uint8Array): number[] {
  const signed = new Array<number>(bytes.length);
  for (let i = 0; i < bytes.length; i++) signed[i] = ((bytes[i] ?? 0) << 24) >> 24;
  return signed;
}

const FIXED_BYTES =
  '{"topic":"","partition":,"offset":,"timestamp":,"timestampType":"CREATE_TIME","value":,"headers":[]}'
    .length;

/** The length of a record's JSON in the event. */
function eventRecordBytes(record: LogRecord): number {
  let bytes = FIXED_BYTES + record.topic.length + digits(record.partition);
  bytes += digits(record.offset) + digits(record.timestampMs);
  // `"key":"",` and `""` or `null`
  if (record.key !== null) bytes += 9 + base64Length(record.key.length);
  bytes += record.value === null ? 4 : 2 + base64Length(record.value.length);
  for (const header of record.headers) bytes += headerBytes(header);
  return bytes + Math.max(0, record.headers.length - 1);
}

/** `{"m":[118,49]}` */
function headerBytes({ key, value }: RecordHeader): number {
  let bytes = 5 + Buffer.byteLength(JSON.stringify(key)) + Math.max(0, value.length - 1);
  for (let i = 0; i < value.length; i++) bytes += SIGNED_DIGITS[value[i] ?? 0] ?? 0;
  return bytes;
}

/** How many characters each byte takes as a signed number. */
const SIGNED_DIGITS = Uint8Array.from({ length: 256 }, (_, byte) => String((byte << 24) >> 24).length);

function base64Length(bytes: number): number {
  return 4 * Math.ceil(bytes / 3);
}

function digits(value: number): number {
  if (value < 0) return String(value).length;
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count += 1;
  return count;
}
