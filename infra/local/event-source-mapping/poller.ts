import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { CommittedOffset, LogConsumer, LogRecord, PartitionLag } from '../../../shared/log/log.ts';
import { type MappingSettings, PAYLOAD_LIMIT_BYTES } from '../../../shared/mapping-settings.ts';
import type { BatchRun } from './batch-run.ts';
import type { EventBuilder } from './event-builder.ts';
import type { MappingCounters } from './mapping-status.ts';
import type { Patience } from './patience.ts';

/** About what makes an event of 6 MB, so that little is left over from a fetch. */
const FETCH_BYTES = 4_000_000;

/** What a poller works with. */
export interface PollerDeps {
  readonly consumer: LogConsumer;
  readonly settings: MappingSettings;
  readonly builder: EventBuilder;
  readonly batchRun: (onDone: (records: readonly LogRecord[]) => Promise<void>) => BatchRun;
  readonly clock: Clock;
  readonly patience: Patience;
  readonly counters: MappingCounters;
  readonly onCommitted: (offsets: readonly CommittedOffset[]) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * One member of the group: gathers a batch of its partitions, has it processed, commits, and only then goes on.
 * So order holds in a partition, and what it holds is bounded by one batch and one fetch.
 */
export class Poller {
  readonly #deps: PollerDeps;
  readonly #batchRun: BatchRun;
  /** Fetched and not yet in a batch. */
  #waiting: LogRecord[] = [];
  #fetching = false;
  #stopping = false;

  constructor(deps: PollerDeps) {
    this.#deps = deps;
    this.#batchRun = deps.batchRun((records) => this.#commit(records));
  }

  /** Runs until `stop`; rejects where the log fails for good. */
  async run(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#gather();
        if (this.#stopping) break;
        await this.#processBatch();
      } catch (error) {
        this.#deps.onError(error);
        if (error instanceof CodedError && !error.canRetry) throw error;
        await this.#deps.patience.wait();
      }
    }
  }

  /** Lets a running call end and be committed; what only waits is left for the next start. */
  stop(): void {
    this.#stopping = true;
    this.#deps.patience.stop();
    if (this.#fetching) void this.#deps.consumer.close();
  }

  close(): Promise<void> {
    return this.#deps.consumer.close();
  }

  lag(): Promise<readonly PartitionLag[]> {
    return this.#deps.consumer.lag();
  }

  async #gather(): Promise<void> {
    const { settings, clock } = this.#deps;
    if (this.#waiting.length === 0) await this.#fetch(Number.POSITIVE_INFINITY);
    if (settings.batchingWindowMs === 0) return;
    const deadlineUs = clock.nowUs() + settings.batchingWindowMs * 1000;
    while (!this.#stopping && this.#fillsNoBatch()) {
      const waitMs = (deadlineUs - clock.nowUs()) / 1000;
      if (waitMs <= 0 || (await this.#fetch(waitMs)) === 0) break;
    }
  }

  #fillsNoBatch(): boolean {
    const { builder, settings } = this.#deps;
    if (this.#waiting.length >= settings.batchSize) return false;
    const fit = builder.fit(this.#waiting, settings.batchSize, PAYLOAD_LIMIT_BYTES);
    return fit.kind === 'fits' && fit.count === this.#waiting.length;
  }

  async #fetch(waitMs: number): Promise<number> {
    const { consumer, settings, counters } = this.#deps;
    this.#fetching = true;
    try {
      const records = await consumer.fetch({
        maxRecords: settings.batchSize - this.#waiting.length,
        maxBytes: FETCH_BYTES,
        waitMs,
      });
      counters.polledEvents += records.length;
      this.#add(records);
      return records.length;
    } finally {
      this.#fetching = false;
    }
  }

  /** After a rebalance a partition starts again where it was committed: what waits of it comes a second time. */
  #add(records: readonly LogRecord[]): void {
    if (this.#waiting.length > 0) {
      const starts = new Map<number, number>();
      for (const { partition, offset } of records) {
        if (!starts.has(partition)) starts.set(partition, offset);
      }
      this.#waiting = this.#waiting.filter(
        ({ partition, offset }) => offset < (starts.get(partition) ?? Number.POSITIVE_INFINITY),
      );
    }
    for (const record of records) this.#waiting.push(record);
  }

  async #processBatch(): Promise<void> {
    const { builder, settings } = this.#deps;
    if (this.#waiting.length === 0) return;
    const fit = builder.fit(this.#waiting, settings.batchSize, PAYLOAD_LIMIT_BYTES);
    const batch = this.#waiting.splice(0, fit.kind === 'fits' ? fit.count : 1);
    const first = batch[0];
    if (first === undefined) return;
    if (fit.kind === 'tooLarge') await this.#batchRun.refuseTooLarge(first);
    else await this.#batchRun.process(batch);
  }

  async #commit(records: readonly LogRecord[]): Promise<void> {
    const next = new Map<number, CommittedOffset>();
    for (const { topic, partition, offset } of records) {
      next.set(partition, { topic, partition, next: offset + 1 });
    }
    const offsets = [...next.values()];
    // The work is done: a commit that fails is tried again rather than the work.
    for (;;) {
      try {
        await this.#deps.consumer.commit(offsets);
        break;
      } catch (error) {
        this.#deps.onError(error);
        if (error instanceof CodedError && !error.canRetry) throw error;
        if (this.#deps.patience.stopped) return;
        await this.#deps.patience.wait();
      }
    }
    this.#deps.counters.committedEvents += records.length;
    this.#deps.onCommitted(offsets);
  }
}
