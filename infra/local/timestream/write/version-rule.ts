/** What is known of a stored record: enough to judge another of the same identity. */
export interface StoredMark {
  readonly version: bigint;
  readonly digest: bigint;
}

/** `write`: store it. `same`: accepted, nothing to store. `reject`: an equal or newer one stands. */
export type Verdict = 'write' | 'same' | 'reject';

/**
 * Judges a record against the stored one of the same identity: a higher version wins; an equal version with
 * equal values is accepted; an equal one with other values, and any lower one, is rejected. A lower version
 * with the very values that are stored is a repeat and is accepted.
 * Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_WriteRecords.html
 */
export function judge(stored: StoredMark | undefined, incoming: StoredMark): Verdict {
  if (stored === undefined || incoming.version > stored.version) return 'write';
  return incoming.digest === stored.digest ? 'same' : 'reject';
}
