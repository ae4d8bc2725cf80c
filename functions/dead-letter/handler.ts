import { partitionRecords, recordHeader, recordKey, recordValue } from '../../shared/log/event-records.ts';
import type { KafkaHandler, MSKEvent } from '../../shared/log/kafka-event.ts';
import type { RowWriter, WriteOutcome } from '../../shared/row.ts';
import { keepLetters } from './keep-letters.ts';
import type { DeadLetterRecord, RawTopics } from './read-letter.ts';

/** What a batch came to. `refused` rows are told here and nowhere else: no dead letter about a dead letter. */
export interface DeadLetterReport extends WriteOutcome {
  readonly byReason: Readonly<Record<string, number>>;
}

/**
 * The handler behind the mapping of the dead letter topic: a row per letter. It throws only where the store
 * cannot be reached, so that the mapping gives the batch again.
 */
export function createDeadLetterHandler(
  deps: { readonly rows: RowWriter },
  options: { readonly rawTopics: RawTopics },
  onReport: (report: DeadLetterReport) => void = () => {},
): KafkaHandler {
  return async (event) => {
    const { rows, byReason } = keepLetters(deadLetterRecords(event), options.rawTopics);
    onReport({ byReason, ...(await deps.rows.write(rows)) });
    return { batchItemFailures: [] };
  };
}

function* deadLetterRecords(event: MSKEvent): Generator<DeadLetterRecord> {
  for (const { records } of partitionRecords(event)) {
    for (const record of records) {
      yield {
        topic: record.topic,
        partition: record.partition,
        offset: record.offset,
        timestampMs: record.timestamp,
        key: recordKey(record),
        value: recordValue(record),
        header: (name) => recordHeader(record, name),
      };
    }
  }
}
