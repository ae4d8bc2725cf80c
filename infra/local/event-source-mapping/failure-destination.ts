import { FAILURE_HEADERS, type FailureCondition } from '../../../shared/log/failure-headers.ts';
import type { LogProducer, LogRecord, OutgoingRecord } from '../../../shared/log/log.ts';

/** Why and after what a record is given up. */
export interface Failure {
  readonly condition: FailureCondition;
  readonly functionArn: string;
  readonly requestId: string;
  readonly invokeCount: number;
  /** What the function last threw, as text. */
  readonly error: string;
}

/** Longest text of an error in a header. */
const MAX_ERROR_CHARACTERS = 1000;

/** The record as the failure topic gets it: its own key, value and headers, then what became of it. */
export function failedRecord(topic: string, record: LogRecord, failure: Failure): OutgoingRecord {
  const added: readonly (readonly [string, string])[] = [
    [FAILURE_HEADERS.condition, failure.condition],
    [FAILURE_HEADERS.functionArn, failure.functionArn],
    [FAILURE_HEADERS.requestId, failure.requestId],
    [FAILURE_HEADERS.invokeCount, String(failure.invokeCount)],
    [FAILURE_HEADERS.error, failure.error.slice(0, MAX_ERROR_CHARACTERS)],
    [FAILURE_HEADERS.topic, record.topic],
    [FAILURE_HEADERS.partition, String(record.partition)],
    [FAILURE_HEADERS.offset, String(record.offset)],
    [FAILURE_HEADERS.timestamp, String(record.timestampMs)],
  ];
  const own = record.headers.map(({ key, value }) => [key, value] as const);
  return { topic, key: record.key, value: record.value, headers: [...own, ...added] };
}

/** Sends failed records on, in their order. */
export async function sendFailed(
  producer: LogProducer,
  topic: string,
  records: readonly LogRecord[],
  failure: Failure,
): Promise<void> {
  await producer.send(records.map((record) => failedRecord(topic, record, failure)));
}
