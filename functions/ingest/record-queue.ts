import type { Clock, Timer } from '../../shared/clock.ts';
import { CodedError } from '../../shared/coded-error.ts';
import type { AppendedRange, LogProducer, OutgoingRecord } from '../../shared/log/log.ts';
import type { Millis } from '../../shared/units.ts';

/** How records are gathered into sends, and when the sockets are held back. */
export interface QueueLimits {
  /** @default 500 */
  readonly maxRecords: number;
  /** @default 900,000 */
  readonly maxBytes: number;
  /** How long a record waits for company; null: until the batch is full or `flush` is called (replays). */
  readonly lingerMs: Millis | null;
  /** Records held above which the sockets pause. */
  readonly pauseAbove: number;
  /** Records held below which they go on. */
  readonly resumeBelow: number;
  /** Records held above which a quote replaces the one of its symbol that still waits; null: never. */
  readonly conflateAbove: number | null;
}

/** What a queue asks of its owner. */
export interface QueueEvents {
  /** The queue became full, or has room again. */
  onPressure(full: boolean): void;
  /** Records were acknowledged. */
  onAppended(ranges: readonly AppendedRange[], records: number): void;
  /** The log refuses for good; nothing more can be written. */
  onFailure(error: unknown): void;
}

/**
 * The records of one topic on their way to the log, in order: one send at a time, so that what was handed over
 * first stands first. A send that may succeed later is tried again with the same records until it does.
 */
export class RecordQueue {
  readonly #producer: LogProducer;
  readonly #clock: Clock;
  readonly #limits: QueueLimits;
  readonly #events: QueueEvents;
  readonly #records: OutgoingRecord[] = [];
  /** Where the newest waiting quote of a symbol stands in `#records`, counted from the first record ever. */
  readonly #newest = new Map<string, number>();
  #taken = 0;
  #bytes = 0;
  #linger: Timer | undefined;
  #sending: Promise<void> | undefined;
  #flushing = false;
  #full = false;
  #failed = false;
  #acknowledged = 0;
  readonly #barriers: { readonly upTo: number; readonly resolve: () => void }[] = [];
  /** Quotes that a newer one replaced before they were sent. */
  conflated = 0;

  constructor(producer: LogProducer, clock: Clock, limits: QueueLimits, events: QueueEvents) {
    this.#producer = producer;
    this.#clock = clock;
    this.#limits = limits;
    this.#events = events;
  }

  /** Records that wait, those being sent not counted. */
  get length(): number {
    return this.#records.length;
  }

  /** Resolves when the send in flight is done; undefined where none is. */
  get sending(): Promise<void> | undefined {
    return this.#sending;
  }

  /** Takes a record. `conflatable`: a quote that a newer one of its key may replace. */
  push(record: OutgoingRecord, conflatable = false): void {
    if (conflatable && this.#conflate(record)) return;
    this.#records.push(record);
    this.#bytes += record.value?.length ?? 0;
    this.#next();
    if (!this.#full && this.#records.length > this.#limits.pauseAbove) {
      this.#full = true;
      this.#events.onPressure(true);
    }
  }

  /** Resolves when every record handed over so far is in the log; at once where none is on its way. */
  barrier(): Promise<void> {
    const upTo = this.#taken + this.#records.length;
    if (this.#acknowledged >= upTo) return Promise.resolve();
    return new Promise((resolve) => {
      this.#barriers.push({ upTo, resolve });
    });
  }

  /** Sends all that waits and resolves when it is acknowledged. */
  async flush(): Promise<void> {
    while (!this.#failed && (this.#records.length > 0 || this.#sending !== undefined)) {
      this.#flushing = true;
      this.#next();
      await this.#sending;
    }
  }

  #conflate(record: OutgoingRecord): boolean {
    const { conflateAbove } = this.#limits;
    if (conflateAbove === null || typeof record.key !== 'string') return false;
    const at = (this.#newest.get(record.key) ?? -1) - this.#taken;
    const old = this.#records[at];
    if (this.#records.length >= conflateAbove && at >= 0 && old !== undefined) {
      this.#records[at] = record;
      this.#bytes += (record.value?.length ?? 0) - (old.value?.length ?? 0);
      this.conflated += 1;
      return true;
    }
    this.#newest.set(record.key, this.#taken + this.#records.length);
    return false;
  }

  #next(): void {
    if (this.#sending !== undefined || this.#failed) return;
    if (this.#records.length === 0) {
      this.#flushing = false;
      return;
    }
    const { maxRecords, maxBytes, lingerMs } = this.#limits;
    if (this.#flushing || this.#records.length >= maxRecords || this.#bytes >= maxBytes) {
      this.#start();
    } else if (lingerMs !== null && this.#linger === undefined) {
      this.#linger = this.#clock.after(lingerMs, () => {
        this.#linger = undefined;
        this.#start();
      });
    }
  }

  #start(): void {
    this.#linger?.cancel();
    this.#linger = undefined;
    this.#sending = this.#send(this.#take()).then(
      () => {
        this.#sending = undefined;
        this.#acknowledged = this.#taken;
        while ((this.#barriers[0]?.upTo ?? Number.POSITIVE_INFINITY) <= this.#acknowledged)
          this.#barriers.shift()?.resolve();
        if (this.#full && this.#records.length < this.#limits.resumeBelow) {
          this.#full = false;
          this.#events.onPressure(false);
        }
        this.#next();
      },
      (error: unknown) => {
        this.#sending = undefined;
        this.#failed = true;
        this.#events.onFailure(error);
      },
    );
  }

  #take(): OutgoingRecord[] {
    const { maxRecords, maxBytes } = this.#limits;
    let count = 0;
    let bytes = 0;
    for (const record of this.#records) {
      const size = record.value?.length ?? 0;
      if (count > 0 && (count === maxRecords || bytes + size > maxBytes)) break;
      count += 1;
      bytes += size;
    }
    this.#taken += count;
    this.#bytes -= bytes;
    return this.#records.splice(0, count);
  }

  async #send(records: readonly OutgoingRecord[]): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        this.#events.onAppended(await this.#producer.send(records), records.length);
        return;
      } catch (error) {
        if (!(error instanceof CodedError) || !error.canRetry) throw error;
        await this.#pause(Math.min(10_000, 100 * 2 ** attempt));
      }
    }
  }

  #pause(delayMs: Millis): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(delayMs, resolve);
    });
  }
}
