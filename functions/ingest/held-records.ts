import type { Clock, Timer } from '../../shared/clock.ts';
import type { Gap } from '../../shared/ledger/gap.ts';
import type { LaneEntry, WaitLimits } from './lane-port.ts';

/** What happens to records that are held. */
export interface HeldEvents {
  deliver(entry: LaneEntry): void;
  /** A gap lasts longer than frames take to swap: it is one. */
  onGap(gap: Gap): void;
  /** The bound is reached: what is held behind this gap should go on. */
  onBound(gap: Gap): void;
}

interface Hold {
  readonly gap: Gap;
  timer: Timer;
}

/**
 * The records of one symbol in the order of their trade ids: what follows a gap is held, with all behind it, until the
 * gap lets go, bounded in number and time.
 */
export class HeldRecords {
  readonly #clock: Clock;
  readonly #limits: WaitLimits;
  readonly #events: HeldEvents;
  /** What is held, in the order in which it will go. */
  readonly #queue: LaneEntry[] = [];
  /** Gaps that something is held behind, the lowest first. */
  #holds: Hold[] = [];

  constructor(clock: Clock, limits: WaitLimits, events: HeldEvents) {
    this.#clock = clock;
    this.#limits = limits;
    this.#events = events;
  }

  get size(): number {
    return this.#queue.length;
  }

  /** The gaps that hold, the lowest first. */
  get gaps(): readonly Gap[] {
    return this.#holds.map(({ gap }) => gap);
  }

  /** The ids of the trades that are held. */
  tradeIds(): readonly number[] {
    return this.#queue.flatMap((entry) => (entry.tradeId === null ? [] : [entry.tradeId]));
  }

  /** Delivers a record, or holds it where it follows a gap. */
  pass(entry: LaneEntry): void {
    const [first] = this.#holds;
    if (first === undefined || (entry.tradeId !== null && entry.tradeId < first.gap.from)) {
      this.#events.deliver(entry);
      return;
    }
    this.#queue.push(entry);
    if (this.#queue.length > this.#limits.maxRecords) this.#events.onBound(first.gap);
  }

  /** Delivers a trade of a gap, or holds it in its place where a lower gap holds. */
  passInto(gap: Gap, entry: LaneEntry): void {
    const at = this.#holds.findIndex((hold) => hold.gap === gap);
    if (at <= 0) this.#events.deliver(entry);
    else this.#insert(entry);
  }

  /** Holds what follows this gap from now on. */
  hold(gap: Gap): void {
    const hold: Hold = {
      gap,
      timer: this.#clock.after(this.#limits.graceMs, () => {
        hold.timer = this.#clock.after(this.#limits.maxMs, () => this.#events.onBound(gap));
        this.#events.onGap(gap);
      }),
    };
    const at = this.#holds.findIndex((other) => other.gap.from > gap.from);
    this.#holds.splice(at < 0 ? this.#holds.length : at, 0, hold);
  }

  /** The gap holds nothing any more; what is held behind it alone goes. */
  letGo(gap: Gap): void {
    for (const hold of this.#holds) if (hold.gap === gap) hold.timer.cancel();
    this.#holds = this.#holds.filter((hold) => hold.gap !== gap);
    let count = 0;
    const holdFrom = this.#holds[0]?.gap.from ?? Number.POSITIVE_INFINITY;
    for (const entry of this.#queue) {
      if (entry.tradeId !== null && entry.tradeId > holdFrom) break;
      count += 1;
    }
    for (const entry of this.#queue.splice(0, count)) this.#events.deliver(entry);
  }

  /** No gap holds anything any more. */
  letAllGo(): void {
    for (const hold of this.#holds) hold.timer.cancel();
    this.#holds = [];
    for (const entry of this.#queue.splice(0)) this.#events.deliver(entry);
  }

  #insert(entry: LaneEntry): void {
    let at = this.#queue.length;
    while (at > 0) {
      const before = this.#queue[at - 1];
      if (before?.tradeId !== null && (before?.tradeId ?? 0) < (entry.tradeId ?? 0)) break;
      at -= 1;
    }
    this.#queue.splice(at, 0, entry);
  }
}
