/**
 * Why something became a dead letter: every code is stable, and each has a sentence for a person.
 * Alarms, the `dlq` command and the `dead_letters` table tell letters apart by these codes alone.
 */
export const REASONS = {
  TOMBSTONE: 'The record has no value; nothing in the raw log is ever deleted by key.',
  NOT_UTF8: 'The bytes are not UTF-8 text.',
  NOT_JSON: 'The text is not JSON.',
  UNKNOWN_EVENT: 'The JSON is none of the events that the monitor knows.',
  MISSING_FIELD: 'A field that the event cannot do without is missing.',
  WRONG_TYPE: 'A field has the wrong type.',
  SYMBOL_INVALID: 'The symbol is not written as the exchange writes symbols.',
  SYMBOL_NOT_ALLOWED: 'The symbol is not among those that are watched.',
  SYMBOL_NOT_KEY: 'The symbol is not the key of the record, so its order in the log is not certain.',
  STREAM_MISMATCH: 'The name of the stream and the event in it do not belong together.',
  NOT_A_DECIMAL: 'A figure is not a plain decimal.',
  TOO_MANY_DIGITS: 'A figure has more digits than the exchange gives: it could not be kept exactly.',
  NOT_POSITIVE: 'A price or a quantity is zero or below.',
  NEGATIVE_AMOUNT: 'A sum is below zero.',
  EMPTY_BOOK_SIDE: 'One side of the book is empty, so there is no spread.',
  CROSSED_QUOTE: 'The bid is above the ask.',
  ID_INVALID: 'An id or a count is not a whole number from 0 to 2^53 - 1.',
  ID_RANGE: 'The first id is above the last.',
  TIME_INVALID: 'A time is neither milliseconds nor microseconds since 1970.',
  TIME_OFF: 'The event is too far in time from its receipt.',
  KLINE_NOT_1M: 'The kline is not one minute long, or does not begin at a full minute.',
  KLINE_BOUNDS: 'The highest or the lowest price of a kline does not bound its other prices.',
  TICK_INVALID: 'A tick of the monitor itself is not one.',
  RECEIVED_UNKNOWN: 'Neither the header `m` nor the record tells when the record was received.',
  EVENT_INVALID: 'A validated event cannot be read back.',
  LATE: 'The event is older than what the log keeps; its window cannot be revised any more.',
  ROW_REFUSED: 'The store refused a row and will refuse it again.',
  DELIVERY_FAILED: 'The function failed on this record as often as its mapping allows.',
} as const;

/** A stable code of {@link REASONS}. */
export type ReasonCode = keyof typeof REASONS;

/** The answer to bad input: which rule it breaks, and a sentence that names the field and its value. */
export interface Refused {
  readonly kind: 'refused';
  readonly reason: ReasonCode;
  readonly error: string;
}

/** A refusal; `detail` says what was found. The sentence is a pure function of the input. */
export function refuse(reason: ReasonCode, detail: string): Refused {
  return { kind: 'refused', reason, error: `${REASONS[reason]} ${detail}` };
}

/** A value of a refused record for a sentence; long text is cut, and a list or an object only named. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return value.length <= 60 ? JSON.stringify(value) : `${JSON.stringify(value.slice(0, 57))}...`;
  }
  // Never into the depth: JSON may be nested deeper than the stack.
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return String(value);
}
