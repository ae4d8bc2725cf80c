import { REDRIVE_MARK_HEADER } from '../../shared/events/redrive-mark.ts';
import {
  countRecords,
  partitionRecords,
  recordHeader,
  recordKey,
  recordValue,
} from '../../shared/log/event-records.ts';
import type { KafkaHandler, MSKEvent } from '../../shared/log/kafka-event.ts';
import { type FunctionMetrics, measured } from '../../shared/metrics/function-metrics.ts';
import { METRICS } from '../../shared/metrics/metric-catalogue.ts';
import { addRowMetrics } from '../../shared/metrics/row-metrics.ts';
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
  deps: { readonly rows: RowWriter; readonly metrics?: FunctionMetrics },
  options: { readonly rawTopics: RawTopics },
  onReport: (report: DeadLetterReport) => void = () => {},
): KafkaHandler {
  return (event) =>
    measured(deps.metrics, countRecords(event), async (invocation) => {
      const { rows, byReason } = keepLetters(deadLetterRecords(event), options.rawTopics);
      const outcome = await deps.rows.write(rows);
      // Counted once they are kept: a batch that comes again because the store is away is no second letter.
      for (const [reason, count] of Object.entries(byReason)) {
        invocation?.batch.add(METRICS.deadLetters, count, { Reason: reason });
      }
      if (invocation !== undefined) addRowMetrics(invocation.batch, outcome);
      onReport({ byReason, ...outcome });
      return { batchItemFailures: [] };
    });
}

function* deadLetterRecords(event: MSKEvent): Generator<DeadLetterRecord> {
  for (const { records } of partitionRecords(event)) {
    for (const record of records) {
      if (recordHeader(record, REDRIVE_MARK_HEADER) !== undefined) continue;
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
