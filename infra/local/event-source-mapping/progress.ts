import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { CommittedOffset, LogReader, PartitionLag } from '../../../shared/log/log.ts';

/** What is needed to know how far a mapping has to come. */
export interface ProgressQuestion {
  readonly reader: LogReader;
  readonly topic: string;
  readonly partitions: number;
  readonly lag: () => Promise<readonly PartitionLag[]>;
  readonly clock: Clock;
}

/** A group that has not settled, or a log that does not answer, is looked at again after this time. */
const LOOK_AGAIN_MS = 100;

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
    const targets = await this.#patiently(question.clock, () => ends(question));
    while (this.#failure === undefined) {
      const lags = await this.#patiently(question.clock, question.lag);
      // The lag is measured after the targets: no lag means that the group is at its target or beyond.
      for (const { partition, records } of lags) if (records === 0) targets.delete(partition);
      for (const [partition, next] of targets) {
        if ((this.#committed.get(partition) ?? 0) >= next) targets.delete(partition);
      }
      if (targets.size === 0) return;
      if (this.#failure !== undefined) break;
      const owned = new Set(lags.map(({ partition }) => partition));
      if ([...targets.keys()].every((partition) => owned.has(partition))) {
        return new Promise((resolve, reject) => this.#waiters.push({ targets, resolve, reject }));
      }
      await pause(question.clock);
    }
    throw this.#failure?.error;
  }

  /** Asks the log again for as long as its error may pass and the mapping runs. */
  async #patiently<Answer>(clock: Clock, ask: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (this.#failure !== undefined || !(error instanceof CodedError) || !error.canRetry) throw error;
        await pause(clock);
      }
    }
  }
}

/** The end of each partition. */
async function ends({ reader, topic, partitions }: ProgressQuestion): Promise<Map<number, number>> {
  const next = new Map<number, number>();
  for (let partition = 0; partition < partitions; partition++) {
    next.set(partition, (await reader.bounds(topic, partition)).next);
  }
  return next;
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.after(LOOK_AGAIN_MS, resolve));
}
