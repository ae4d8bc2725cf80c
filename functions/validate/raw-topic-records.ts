import { ATTEMPTS_HEADER } from '../../shared/events/attempts-header.ts';
import { RAW_HEADER } from '../../shared/events/raw-header.ts';
import { partitionRecords, recordHeader, recordKey, recordValue } from '../../shared/log/event-records.ts';
import type { MSKEvent } from '../../shared/log/kafka-event.ts';
import type { RawTopicRecord } from './validate-records.ts';

/** The records of a Lambda event, decoded one by one as they are asked for, in order within each partition. */
export function* rawTopicRecords(event: MSKEvent): Generator<RawTopicRecord> {
  for (const { records } of partitionRecords(event)) {
    for (const record of records) {
      yield {
        topic: record.topic,
        partition: record.partition,
        offset: record.offset,
        timestampMs: record.timestamp,
        key: recordKey(record),
        value: recordValue(record),
        header: recordHeader(record, RAW_HEADER),
        attempts: recordHeader(record, ATTEMPTS_HEADER),
      };
    }
  }
}
