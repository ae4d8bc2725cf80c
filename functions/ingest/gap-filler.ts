import type { Clock, Timer } from '../../shared/clock.ts';
import type { Gap } from '../../shared/ledger/gap.ts';
import type { MarketSymbol, Millis } from '../../shared/units.ts';
import type { RepairPage, TradeRepair } from './trade-repair.ts';

/** What the filler does with what comes. */
export interface FillerEvents {
  /** A page, for the lane. Whether the gap still misses ids shows in its state. */
  onPage(gap: Gap, page: Extract<RepairPage, { kind: 'records' }>): void;
  /** The ids will not come. */
  onGone(gap: Gap, why: string): void;
  onLater(gap: Gap, afterMs: Millis, why: string): void;
}

/**
 * Fills gaps page by page, one page of a symbol at a time and the symbols by turns, so that a symbol with a large
 * hole does not keep the others waiting.
 */
export class GapFiller {
  readonly #repair: TradeRepair;
  readonly #clock: Clock;
  readonly #events: FillerEvents;
  readonly #concurrency: number;
  /** Symbols by turns: a Map keeps the order, and a symbol that had its turn is put behind the others. */
  readonly #gaps = new Map<MarketSymbol, Gap[]>();
  readonly #busySymbols = new Set<MarketSymbol>();
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
    for (const gaps of this.#gaps.values()) count += gaps.length;
    return count;
  }

  add(gap: Gap): void {
    const gaps = this.#gaps.get(gap.symbol);
    if (gaps === undefined) this.#gaps.set(gap.symbol, [gap]);
    else gaps.push(gap);
    this.#next();
  }

  /** The ids of this symbol are counted anew: nothing of its old ones is asked for, nor taken, any more. */
  forget(symbol: MarketSymbol): void {
    this.#gaps.delete(symbol);
  }

  stop(): void {
    this.#stopped = true;
    this.#resting?.cancel();
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
    for (const [symbol, gaps] of [...this.#gaps]) {
      if (this.#inFlight >= this.#concurrency) return;
      if (this.#busySymbols.has(symbol)) continue;
      while (gaps[0] !== undefined && gaps[0].state !== 'open') gaps.shift();
      const gap = gaps[0];
      this.#gaps.delete(symbol);
      if (gap === undefined) continue;
      this.#gaps.set(symbol, gaps);
      this.#start(symbol, gap);
    }
  }

  #start(symbol: MarketSymbol, gap: Gap): void {
    this.#inFlight += 1;
    this.#busySymbols.add(symbol);
    const from = this.#positions.get(gap) ?? gap.from;
    this.#repair
      .fetch(gap, from)
      .catch((error: unknown): RepairPage => ({ kind: 'later', afterMs: 5_000, why: String(error) }))
      .then((page) => {
        this.#take(gap, from, page);
        this.#inFlight -= 1;
        this.#busySymbols.delete(symbol);
        this.#next();
        if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
      });
  }

  /** The id that the next page of a gap begins with. */
  readonly #positions = new WeakMap<Gap, number>();

  #take(gap: Gap, from: number, page: RepairPage): void {
    if (this.#stopped || !this.#isPending(gap)) return;
    if (page.kind === 'later') {
      this.#events.onLater(gap, page.afterMs, page.why);
      this.#resting ??= this.#clock.after(page.afterMs, () => {
        this.#resting = undefined;
        this.#next();
      });
      return;
    }
    if (page.kind === 'gone') {
      this.#gone(gap, page.why);
      return;
    }
    const last = page.reachedId ?? page.records.at(-1)?.to ?? from - 1;
    this.#events.onPage(gap, page);
    if (gap.state !== 'open' || !this.#isPending(gap)) return;
    if (last < from) this.#gone(gap, 'the exchange gave none of them');
    else if (last >= gap.to) this.#gone(gap, 'the exchange gave only some of them');
    else this.#positions.set(gap, last + 1);
  }

  /** Takes the gap off the list first: what asked for it need not change its state. */
  #gone(gap: Gap, why: string): void {
    this.#remove(gap);
    this.#events.onGone(gap, why);
  }

  #remove(gap: Gap): void {
    const gaps = this.#gaps.get(gap.symbol);
    const at = gaps?.indexOf(gap) ?? -1;
    if (at >= 0) gaps?.splice(at, 1);
  }

  #isPending(gap: Gap): boolean {
    return this.#gaps.get(gap.symbol)?.includes(gap) ?? false;
  }
}
