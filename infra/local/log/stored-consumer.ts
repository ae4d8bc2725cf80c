import type { Clock, Timer } from '../../../shared/clock.ts';
import type { CommittedOffset, LogConsumer, LogRecord, PartitionLag } from '../../../shared/log/log.ts';
import { logClosed } from '../../../shared/log/log-errors.ts';
import type { ConsumerGroup, GroupMember } from './consumer-group.ts';
import type { ReadLimits } from './log-store.ts';

/** What a consumer needs of its log. */
export interface ConsumerDeps {
  readonly clock: Clock;
  readonly group: ConsumerGroup;
  readonly schedule: (task: () => void) => void;
  readonly onClose: (consumer: StoredConsumer) => void;
}

/** A member of a group on a stored log. One `fetch` at a time. */
export class StoredConsumer implements LogConsumer, GroupMember {
  #closed = false;
  #wake: (() => void) | undefined;

  readonly #deps: ConsumerDeps;

  constructor(deps: ConsumerDeps) {
    this.#deps = deps;
    deps.group.join(this);
  }

  async fetch(limits: ReadLimits & { readonly waitMs: number }): Promise<readonly LogRecord[]> {
    if (this.#closed) throw logClosed('consumer');
    // A turn of the event loop for others: a busy consumer must not starve sockets and timers.
    await new Promise<void>((resolve) => this.#deps.schedule(resolve));
    let timer: Timer | undefined;
    let over = limits.waitMs <= 0;
    try {
      while (!this.#closed) {
        const records = this.#deps.group.next(this, limits);
        if (records.length > 0 || over) return records;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          if (timer === undefined && Number.isFinite(limits.waitMs)) {
            timer = this.#deps.clock.after(limits.waitMs, () => {
              over = true;
              this.wake();
            });
          }
        });
      }
      return [];
    } finally {
      timer?.cancel();
      this.#wake = undefined;
    }
  }

  /** Lets a waiting `fetch` look again. */
  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  onAssigned(): void {
    this.wake();
  }

  async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    if (this.#closed) throw logClosed('consumer');
    this.#deps.group.commit(this, offsets);
  }

  async rewind(partitions: readonly { readonly partition: number }[]): Promise<void> {
    this.#deps.group.rewind(
      this,
      partitions.map(({ partition }) => partition),
    );
    this.wake();
  }

  async lag(): Promise<readonly PartitionLag[]> {
    return this.#deps.group.lag(this);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#deps.group.leave(this);
    this.#deps.onClose(this);
    this.wake();
  }
}
