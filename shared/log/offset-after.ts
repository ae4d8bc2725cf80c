import { CodedError } from '../coded-error.ts';
import type { LogRecord, RecordPosition } from './log.ts';
import { LOG_ERRORS } from './log-errors.ts';

/**
 * Where to read on in a partition that reaches to `next`. Fails with `LOG_READ_SHORT` where nothing came before the
 * end: who took that for the end would lose the rest without a word.
 */
export function offsetAfter(records: readonly LogRecord[], from: RecordPosition, next: number): number {
  const last = records.at(-1);
  if (last !== undefined) return last.offset + 1;
  throw new CodedError(
    LOG_ERRORS.readShort,
    `Topic ${from.topic}, partition ${from.partition} gave nothing from offset ${from.offset} on, though it reached to ${next}. Try again; the log may have let go of it meanwhile.`,
    { data: { ...from, next }, canRetry: true },
  );
}
