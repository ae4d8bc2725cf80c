import { CodedError } from '../../shared/coded-error.ts';
import type { SignalKind } from '../../shared/events/signal.ts';
import type { Effects } from './effects.ts';

/** A record of a validated topic as the feed reads it. */
export interface FeedRecord {
  /** The value's base64 text, as the event source mapping hands it over; null for a tombstone. */
  readonly value: string | null;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
}

/** The windows of one symbol and feed with their stored state: fold, then perform the effects, then commit. */
export interface Feed {
  readonly key: string;
  /** The version of the hot item that the windows stand on. */
  readonly version: number;
  /** The signals that may be open, each open or not. */
  readonly episodes: readonly { readonly kind: SignalKind; readonly isOpen: boolean }[];
  /**
   * Folds records from index `at` until all are folded or the hot item is full; returns the next index, or
   * undefined where the archive shows that the hot item is stale: the windows are then of no more use.
   */
  fold(records: readonly FeedRecord[], at: number, effects: Effects): Promise<number | undefined>;
  /** Notes where the fold of this log begins, for a first state that is stored before anything was folded. */
  beginAt(record: FeedRecord): void;
  /** Stores the state; false where another writer was first: the windows are then of no more use. */
  commit(): Promise<boolean>;
}

/** Decodes base64 values into one buffer that is reused. */
export class ValueBytes {
  bytes: Buffer = Buffer.allocUnsafe(4096);

  /** The number of bytes of the value, which stand at the start of {@link bytes}. */
  decode(base64: string): number {
    const most = (base64.length * 3) >> 2;
    if (most > this.bytes.length) {
      if (most > MAX_VALUE_BYTES) {
        throw new CodedError('VALUE_TOO_LARGE', `A record has about ${most} bytes; no event has that many.`);
      }
      this.bytes = Buffer.allocUnsafe(most * 2);
    }
    return this.bytes.write(base64, 0, 'base64');
  }
}

const MAX_VALUE_BYTES = 6 * 1024 * 1024;
