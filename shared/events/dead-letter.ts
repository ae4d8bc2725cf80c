import type { Millis } from '../units.ts';

/** What could not be used, whole, with the reason. Its JSON has these fields in snake case. */
export interface DeadLetter {
  /** A stable code such as `NOT_JSON`. */
  readonly reason: string;
  /** A sentence for a person: what is wrong, where. */
  readonly error: string;
  /** Where the source record stands: in the raw log, whatever stage refused it. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  /** When the monitor received it (header `m`), or the record's own timestamp where `m` is unreadable. */
  readonly receivedMs: Millis;
  /** When it was refused, wall time. */
  readonly refusedMs: Millis;
  /** How often it has been tried; 1 the first time. */
  readonly attempts: number;
  /** The original bytes. */
  readonly payload: Uint8Array;
}
