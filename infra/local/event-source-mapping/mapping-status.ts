/** What a mapping has done since it started, in Lambda's own terms (its `EventCount` metrics). */
export interface MappingStatus {
  /** Records read from the log. */
  readonly polledEvents: number;
  /** Calls of the function. */
  readonly invocations: number;
  /** Records given to the function, retries included. */
  readonly invokedEvents: number;
  /** Calls that failed whole or in part. */
  readonly failedInvocations: number;
  /** Records given up: too often failed, too old or too large. */
  readonly droppedEvents: number;
  /** Those of them that the failure destination took. */
  readonly deliveredToDestination: number;
  /** Records whose processing was committed. */
  readonly committedEvents: number;
  /** Records in a call that is running. */
  readonly inFlightEvents: number;
  /** What last went wrong, for a person. */
  readonly lastError: string | null;
  readonly state: 'running' | 'stopped' | 'failed';
}

/** The same, while it is being counted. */
export type MappingCounters = { -readonly [Name in keyof MappingStatus]: MappingStatus[Name] };

/** All zero, running. */
export function newCounters(): MappingCounters {
  return {
    polledEvents: 0,
    invocations: 0,
    invokedEvents: 0,
    failedInvocations: 0,
    droppedEvents: 0,
    deliveredToDestination: 0,
    committedEvents: 0,
    inFlightEvents: 0,
    lastError: null,
    state: 'running',
  };
}

/** An error as one line. */
export function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
