import type { Clock, Timer } from '../../shared/clock.ts';
import type { Gap } from '../../shared/ledger/gap.ts';
import { type MarketSymbol, MINUTE_US, type Micros, type Millis } from '../../shared/units.ts';
import type { RepairPage, TradeRepair } from './trade-repair.ts';

/** What the filler does with what comes. */
export interface FillerEvents {
  /** A page, for the lane. Whether the gap still misses ids shows in its state. */
  onPage(gap: Gap, page: Extract<RepairPage, { kind: 'records' }>): void;
  /** The ids will not come. */
  onGone(gap: Gap, why: string): void;
  onLater(gap: Gap, afterMs: Millis, why: string): void;
}

/** How a gap is asked for. */
export interface FillOptions {
  /**
   * Nobody knows whether the exchange has such trades: an answer without them settles it, and gaps that are known
   * to be missing go first. @default false
   */
  readonly once?: boolean;
}

/** Waits between questions for trades that the exchange does not give yet. */
const AGAIN_MS: readonly [Millis, ...Millis[]] = [1_000, 2_000, 5_000, 15_000, 60_000];
/** How long it is asked for them. */
const PATIENCE_US: Micros = 10 * MINUTE_US;

interface Task {
  readonly gap: Gap;
  readonly once: boolean;
  /** The id that the next page begins with. */
  from: number;
  /** Answers in a row that ended before the gap did, and when the first of them came. */
  empty: number;
  emptySinceUs: Micros;
  isWaiting: boolean;
}

/**
 * Fills gaps page by page, one page of a symbol at a time and the symbols by turns, so that a symbol with a large
 * hole does not keep the others waiting. REST may lag behind the sockets: an answer that ends before the missing
 * ids is not the last word on them for 10 minutes; one that reaches beyond them is.
 */
export class GapFiller {
  readonly #repair: TradeRepair;
  readonly #clock: Clock;
  readonly #events: FillerEvents;
  readonly #concurrency: number;
  /** Symbols by turns: a Map keeps the order, and a symbol that had its turn is put behind the others. */
  readonly #tasks = new Map<MarketSymbol, Task[]>();
  readonly #busySymbols = new Set<MarketSymbol>();
  readonly #waits = new Set<Timer>();
  #inFlight = 0;
  #resting: Timer | undefined;
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(repair: TradeRepair, clock: Clock, events: FillerEvents, concurrency = 2) {
    this.#repair = repair;
    this.#clock = clock;
    this.#events = events;
    this.#concurrency = concurrency;
  }

  /** Requests under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Gaps that are being filled or wait for their turn. */
  get pendingGaps(): number {
    let count = 0;
    for (const tasks of this.#tasks.values()) count += tasks.length;
    return count;
  }

  add(gap: Gap, { once = false }: FillOptions = {}): void {
    const task: Task = { gap, once, from: gap.from, empty: 0, emptySinceUs: 0, isWaiting: false };
    const tasks = this.#tasks.get(gap.symbol);
    if (tasks === undefined) this.#tasks.set(gap.symbol, [task]);
    else tasks.push(task);
    this.#next();
  }

  /** The ids of this symbol are counted anew: nothing of its old ones is asked for, nor taken, any more. */
  forget(symbol: MarketSymbol): void {
    this.#tasks.delete(symbol);
  }

  stop(): void {
    this.#stopped = true;
    this.#resting?.cancel();
    for (const timer of this.#waits) timer.cancel();
  }

  /** Resolves when no request is under way. */
  idle(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }

  #next(): void {
    if (this.#stopped || this.#resting !== undefined) return;
    for (const [symbol, all] of [...this.#tasks]) {
      if (this.#inFlight >= this.#concurrency) return;
      if (this.#busySymbols.has(symbol)) continue;
      const tasks = all.filter(({ gap }) => gap.state === 'open');
      this.#tasks.delete(symbol);
      if (tasks.length === 0) continue;
      this.#tasks.set(symbol, tasks);
      const ready = tasks.filter(({ isWaiting }) => !isWaiting);
      const task = ready.find(({ once }) => !once) ?? ready[0];
      if (task !== undefined) this.#start(symbol, task);
    }
  }

  #start(symbol: MarketSymbol, task: Task): void {
    this.#inFlight += 1;
    this.#busySymbols.add(symbol);
    this.#repair
      .fetch(task.gap, task.from)
      .catch((error: unknown): RepairPage => ({ kind: 'later', afterMs: 5_000, why: String(error) }))
      .then((page) => {
        this.#take(task, page);
        this.#inFlight -= 1;
        this.#busySymbols.delete(symbol);
        this.#next();
        if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
      });
  }

  #take(task: Task, page: RepairPage): void {
    const { gap, from } = task;
    if (this.#stopped || !this.#isPending(task)) return;
    if (page.kind === 'later') {
      this.#events.onLater(gap, page.afterMs, page.why);
      this.#resting ??= this.#clock.after(page.afterMs, () => {
        this.#resting = undefined;
        this.#next();
      });
      return;
    }
    if (page.kind === 'gone') {
      this.#gone(task, page.why);
      return;
    }
    const last = page.reachedId ?? page.records.at(-1)?.to ?? from - 1;
    this.#events.onPage(gap, page);
    if (gap.state !== 'open' || !this.#isPending(task)) return;
    if (last >= gap.to) this.#gone(task, 'the exchange gave only some of them');
    else if (task.once && (last < from || page.isEnd)) this.#gone(task, 'the exchange has no more of them');
    else {
      const isShort = last < from || page.isEnd === true;
      task.from = Math.max(from, last + 1);
      if (isShort) this.#wait(task);
      else task.empty = 0;
    }
  }

  /** The answer ended before the missing ids. */
  #wait(task: Task): void {
    const nowUs = this.#clock.nowUs();
    if (task.empty === 0) task.emptySinceUs = nowUs;
    if (nowUs - task.emptySinceUs >= PATIENCE_US) {
      this.#gone(task, 'the exchange has not given them for 10 minutes');
      return;
    }
    const afterMs = AGAIN_MS[Math.min(task.empty, AGAIN_MS.length - 1)] ?? AGAIN_MS[0];
    task.empty += 1;
    task.isWaiting = true;
    this.#events.onLater(task.gap, afterMs, 'the exchange does not give these trades yet');
    const timer = this.#clock.after(afterMs, () => {
      this.#waits.delete(timer);
      task.isWaiting = false;
      this.#next();
    });
    this.#waits.add(timer);
  }

  /** Takes the gap off the list first: what asked for it need not change its state. */
  #gone(task: Task, why: string): void {
    const tasks = this.#tasks.get(task.gap.symbol) ?? [];
    const at = tasks.indexOf(task);
    if (at >= 0) tasks.splice(at, 1);
    this.#events.onGone(task.gap, why);
  }

  #isPending(task: Task): boolean {
    return this.#tasks.get(task.gap.symbol)?.includes(task) ?? false;
  }
}
