import type { Clock } from '../../../shared/clock.ts';
import type { CommittedOffset, LogReader, PartitionLag } from '../../../shared/log/log.ts';

/** What is needed to know how far a mapping has to come. */
export interface ProgressQuestion {
  readonly reader: LogReader;
  readonly topic: string;
  readonly partitions: number;
  readonly lag: () => Promise<readonly PartitionLag[]>;
  readonly clock: Clock;
}

/** A partition that nobody owns yet (a rebalance) is looked at again after this time. */
const UNOWNED_RETRY_MS = 100;

interface Waiter {
  readonly targets: Map<number, number>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Follows what a mapping commits, and tells those who wait for it to have come so far. */
export class Progress {
  readonly #committed = new Map<number, number>();
  #waiters: Waiter[] = [];
  #failure: { readonly error: unknown } | undefined;

  committed(offsets: readonly CommittedOffset[]): void {
    for (const { partition, next } of offsets) this.#committed.set(partition, next);
    if (this.#waiters.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => {
      for (const { partition, next } of offsets) {
        if (next >= (waiter.targets.get(partition) ?? Number.POSITIVE_INFINITY))
          waiter.targets.delete(partition);
      }
      if (waiter.targets.size > 0) return true;
      waiter.resolve();
      return false;
    });
  }

  /** Whoever waits, now or later, is told of this. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const waiter of this.#waiters) waiter.reject(this.#failure.error);
    this.#waiters = [];
  }

  /** Resolves when everything that the topic holds at the call is committed. */
  async reached(question: ProgressQuestion): Promise<void> {
    const targets = new Map<number, number>();
    for (let partition = 0; partition < question.partitions; partition++) {
      targets.set(partition, (await question.reader.bounds(question.topic, partition)).next);
    }
    while (this.#failure === undefined) {
      const lags = await question.lag();
      // The lag is measured after the targets: no lag means that the group is at its target or beyond.
      for (const { partition, records } of lags) if (records === 0) targets.delete(partition);
      for (const [partition, next] of targets) {
        if ((this.#committed.get(partition) ?? 0) >= next) targets.delete(partition);
      }
      const owned = new Set(lags.map(({ partition }) => partition));
      if (targets.size === 0) return;
      if (this.#failure !== undefined) break;
      if ([...targets.keys()].every((partition) => owned.has(partition))) {
        return new Promise((resolve, reject) => this.#waiters.push({ targets, resolve, reject }));
      }
      await new Promise<void>((resolve) => question.clock.after(UNOWNED_RETRY_MS, resolve));
    }
    throw this.#failure?.error;
  }
}
