/** Where a record came from: the live socket, a repair over REST, or a recording. */
export type Source = 'live' | 'backfill' | 'replay';

export const SOURCES: readonly Source[] = ['live', 'backfill', 'replay'];

/** Where the raw record of an event stands, so that a retried validate adds no row. */
export interface RawPosition {
  readonly partition: number;
  readonly offset: number;
}
