import type { AppendedRange } from '../../../shared/log/log.ts';
import type { LogStore, PlacedRecord } from './log-store.ts';

/** Above this much waiting, a send is written at once instead of with its neighbours. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

interface WaitingSend {
  readonly records: readonly PlacedRecord[];
  readonly resolve: (ranges: readonly AppendedRange[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What a group commit works with. */
export interface GroupCommitDeps {
  readonly store: LogStore;
  readonly nowMs: () => number;
  /** Runs a task soon, after the sends of this turn. */
  readonly schedule: (task: () => void) => void;
  readonly onAppended: (ranges: readonly AppendedRange[]) => void;
}

/**
 * Gathers the sends of one turn of the event loop into one transaction, so that many small sends cost little
 * more than one large. What waits is bounded: beyond the bound it is written at once.
 */
export class GroupCommit {
  #waiting: WaitingSend[] = [];
  #waitingBytes = 0;
  #scheduled = false;
  readonly #store: LogStore;
  readonly #nowMs: () => number;
  readonly #schedule: (task: () => void) => void;
  readonly #onAppended: (ranges: readonly AppendedRange[]) => void;

  constructor(deps: GroupCommitDeps) {
    this.#store = deps.store;
    this.#nowMs = deps.nowMs;
    this.#schedule = deps.schedule;
    this.#onAppended = deps.onAppended;
  }

  add(records: readonly PlacedRecord[]): Promise<readonly AppendedRange[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ records, resolve, reject });
      for (const record of records) this.#waitingBytes += record.value?.length ?? 0;
      if (this.#waitingBytes > MAX_WAITING_BYTES) this.flush();
      else if (!this.#scheduled) {
        this.#scheduled = true;
        this.#schedule(() => {
          this.#scheduled = false;
          this.flush();
        });
      }
    });
  }

  /** Writes what waits, now. */
  flush(): void {
    const sends = this.#waiting;
    if (sends.length === 0) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const all = sends.length === 1 ? (sends[0]?.records ?? []) : sends.flatMap((send) => send.records);
    try {
      const ranges = this.#store.append(all, this.#nowMs());
      settle(sends, ranges);
      this.#onAppended(ranges);
    } catch (error) {
      for (const send of sends) send.reject(error);
    }
  }
}

/** Tells each send its share of the ranges: a partition's range is dealt out in the order of the sends. */
function settle(sends: readonly WaitingSend[], ranges: readonly AppendedRange[]): void {
  const only = sends[0];
  if (sends.length === 1 && only !== undefined) {
    only.resolve(ranges);
    return;
  }
  const next = new Map<string, number>();
  for (const range of ranges) next.set(`${range.topic}/${range.partition}`, range.baseOffset);
  for (const send of sends) {
    const own = new Map<string, { topic: string; partition: number; baseOffset: number; count: number }>();
    for (const { topic, partition } of send.records) {
      const place = `${topic}/${partition}`;
      const offset = next.get(place) ?? 0;
      next.set(place, offset + 1);
      const range = own.get(place);
      if (range === undefined) own.set(place, { topic, partition, baseOffset: offset, count: 1 });
      else range.count += 1;
    }
    send.resolve([...own.values()]);
  }
}
