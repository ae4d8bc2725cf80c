import type { Tick } from '../events/tick.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import { type QuoteFigures, SPREAD_WINDOW_US, SpreadWindow } from './spread-window.ts';
import { FOLD, type FoldOutcome } from './trade-windows.ts';

/** What the fold reads of a quote; the byte scanner fills one record of it for every quote. */
export interface FoldQuote extends QuoteFigures {
  receivedUs: Micros;
}

/** Closed windows kept for quotes that a second ingestor received earlier than the first copy's neighbours. */
const KEPT_WINDOWS = 20;

/** Least time between two writes of an open row. */
const WRITE_EVERY_US = 1_000_000;

/** The windows over the quotes of one symbol: a quote folds only if its update id is above all folded before. */
export class QuoteWindows {
  readonly symbol: MarketSymbol;
  readonly delayUs: Micros;
  epoch: number;
  /** Quotes folded so far, and bounds of a watch that altered a row: `k` of the rows' version. */
  sequence = 0;
  lastUpdateId = -1;
  maxReceivedUs: Micros = -1;
  /** The first window that the watermark has not passed. */
  openIndex = 0;
  readonly windows = new Map<number, SpreadWindow>();
  readonly #changed = new Set<SpreadWindow>();
  readonly #closed = new Map<SpreadWindow, number>();
  readonly #writtenUs = new Map<number, Micros>();
  #flush = false;
  #current: SpreadWindow | undefined;

  constructor(symbol: MarketSymbol, delayUs: Micros, epoch: number) {
    this.symbol = symbol;
    this.delayUs = delayUs;
    this.epoch = epoch;
  }

  foldQuote(quote: FoldQuote): FoldOutcome {
    if (quote.updateId <= this.lastUpdateId) return FOLD.duplicate;
    let window = this.#current;
    if (window === undefined || quote.receivedUs < window.startUs || quote.receivedUs >= window.endUs) {
      const index = Math.floor(quote.receivedUs / SPREAD_WINDOW_US);
      if (index < this.openIndex - KEPT_WINDOWS) return FOLD.late;
      window = this.#at(index);
      this.#current = window;
    }
    this.lastUpdateId = quote.updateId;
    this.sequence += 1;
    window.add(quote);
    window.sequence = this.sequence;
    this.#changed.add(window);
    if (window.index < this.openIndex) this.#closed.set(window, this.sequence);
    this.#advance(quote.receivedUs);
    return FOLD.folded;
  }

  /** A tick moves the watermark, bounds a watch, and flushes what waits to be written. */
  foldTick(tick: Tick): FoldOutcome {
    if (tick.beganUs !== null) this.#bound(tick.beganUs, 'beganUs');
    if (tick.endedUs !== null) this.#bound(tick.endedUs, 'endedUs');
    this.#advance(tick.timeUs);
    if (tick.endedUs !== null) this.#close(Math.max(...this.windows.keys(), this.openIndex) + 1);
    this.#flush = true;
    return FOLD.folded;
  }

  /** The windows whose rows are due, each with whether it is final and the number its version is made of. */
  take(nowUs: Micros): readonly { window: SpreadWindow; final: boolean; sequence: number }[] {
    const due: { window: SpreadWindow; final: boolean; sequence: number }[] = [];
    for (const [window, sequence] of this.#closed) {
      this.#changed.delete(window);
      this.#writtenUs.delete(window.index);
      if (window.count > 0) due.push({ window, final: true, sequence });
    }
    this.#closed.clear();
    for (const window of this.#changed) {
      const writtenUs = this.#writtenUs.get(window.index);
      if (!this.#flush && writtenUs !== undefined && nowUs - writtenUs < WRITE_EVERY_US) continue;
      this.#changed.delete(window);
      this.#writtenUs.set(window.index, nowUs);
      if (window.count > 0) due.push({ window, final: false, sequence: window.sequence });
    }
    this.#flush = false;
    return due;
  }

  /** Takes over a window of restored state; open ones are written again. */
  restore(window: SpreadWindow): void {
    this.windows.set(window.index, window);
    if (window.index >= this.openIndex) this.#changed.add(window);
  }

  /** A row that may have been written becomes another by this, so it needs a higher version. */
  #bound(timeUs: Micros, side: 'beganUs' | 'endedUs'): void {
    const window = this.#at(Math.floor(timeUs / SPREAD_WINDOW_US));
    const wasPartial = window.isPartial;
    window[side] = timeUs;
    if (window.count === 0 || window.isPartial === wasPartial) return;
    this.sequence += 1;
    window.sequence = this.sequence;
    if (window.index < this.openIndex) this.#closed.set(window, this.sequence);
    else this.#changed.add(window);
  }

  #at(index: number): SpreadWindow {
    let window = this.windows.get(index);
    if (window === undefined) {
      window = new SpreadWindow(index);
      this.windows.set(index, window);
    }
    return window;
  }

  #advance(timeUs: Micros): void {
    if (timeUs <= this.maxReceivedUs) return;
    const isFirst = this.maxReceivedUs < 0;
    this.maxReceivedUs = timeUs;
    const openIndex = Math.floor((timeUs - this.delayUs) / SPREAD_WINDOW_US);
    if (isFirst) this.openIndex = openIndex;
    else this.#close(openIndex);
  }

  #close(openIndex: number): void {
    if (openIndex <= this.openIndex) return;
    for (const window of this.windows.values()) {
      if (window.index >= this.openIndex && window.index < openIndex) this.#closed.set(window, this.sequence);
    }
    this.openIndex = openIndex;
    for (const [index, window] of this.windows) {
      if (index < openIndex - KEPT_WINDOWS && !this.#closed.has(window)) this.windows.delete(index);
    }
  }
}
