import type { Signal } from '../events/signal.ts';
import type { Tick } from '../events/tick.ts';
import type { QuoteMoment } from '../signals/quote-moment.ts';
import type { QuoteSignals } from '../signals/quote-signals.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import { BPS_SCALE, type QuoteFigures, SPREAD_WINDOW_US, SpreadWindow, spreadBps } from './spread-window.ts';
import { FOLD, type FoldOutcome } from './trade-windows.ts';

/** What the fold reads of a quote; the byte scanner fills one record of it for every quote. */
export interface FoldQuote extends QuoteFigures {
  receivedUs: Micros;
}

/** Closed windows kept for quotes that a second ingestor received earlier than the first copy's neighbours. */
const KEPT_WINDOWS = 20;

/** Least time between two writes of an open row. */
const WRITE_EVERY_US = 1_000_000;

/** A second ingestor that was heard this shortly before another one begins has watched meanwhile. */
const HEARD_US = 1_000_000;

/** The windows over the quotes of one symbol: a quote folds only if its update id is above all folded before. */
export class QuoteWindows {
  readonly symbol: MarketSymbol;
  readonly delayUs: Micros;
  epoch: number;
  /** Quotes folded so far, and bounds of a watch that altered a row: `k` of the rows' version. */
  sequence = 0;
  lastUpdateId = -1;
  /** The largest receive time of quotes and ticks; -1 before the first. */
  maxReceivedUs: Micros = -1;
  /** The largest receive time of quotes alone; -1 before the first, and where an older state did not keep it. */
  lastQuoteUs: Micros = -1;
  /** Where the watch last began, for the first time or after an interruption; -1 before that. */
  lastBeganUs: Micros = -1;
  /** The first window that the watermark has not passed. */
  openIndex = 0;
  readonly windows = new Map<number, SpreadWindow>();
  readonly #changed = new Set<SpreadWindow>();
  readonly #closed = new Map<SpreadWindow, number>();
  readonly #writtenUs = new Map<number, Micros>();
  /** Raises market signals, quote by quote; null raises none. */
  readonly signals: QuoteSignals | null;
  #raised: Signal[] = [];
  #flush = false;
  #current: SpreadWindow | undefined;

  constructor(symbol: MarketSymbol, delayUs: Micros, epoch: number, signals: QuoteSignals | null = null) {
    this.signals = signals;
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
    if (quote.receivedUs > this.lastQuoteUs) this.lastQuoteUs = quote.receivedUs;
    this.sequence += 1;
    window.add(quote);
    this.signals?.onQuote(quoteMoment(quote, window), this.#raised);
    window.sequence = this.sequence;
    this.#changed.add(window);
    if (window.index < this.openIndex) this.#closed.set(window, this.sequence);
    this.#advance(quote.receivedUs);
    return FOLD.folded;
  }

  /** A tick moves the watermark, bounds a watch, and flushes what waits to be written. */
  foldTick(tick: Tick): FoldOutcome {
    const { beganUs, endedUs } = tick;
    const isOver = beganUs === null && endedUs !== null;
    if (beganUs !== null) this.#begin(beganUs, endedUs);
    else if (endedUs !== null) this.#bound(endedUs, 'endedUs');
    this.#advance(tick.timeUs);
    this.signals?.onTick(tick.timeUs, this.#raised);
    if (isOver) this.#close(Math.max(...this.windows.keys(), this.openIndex) + 1);
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

  /** What was raised or cleared since the last call, in order. */
  takeSignals(): readonly Signal[] {
    const raised = this.#raised;
    this.#raised = [];
    return raised;
  }

  /** Takes over a window of restored state; open ones are written again. */
  restore(window: SpreadWindow): void {
    this.windows.set(window.index, window);
    if (window.index >= this.openIndex) this.#changed.add(window);
  }

  /** The watch begins, and what passed since it was last known to go on was missed. */
  #begin(beganUs: Micros, endedUs: Micros | null): void {
    // A tick that is given again finds other quotes folded, and must not be judged by those. And where a window was
    // marked by a beginning, an earlier one must not unmark it.
    if (beganUs <= this.lastBeganUs) return;
    if (this.maxReceivedUs >= 0) {
      const heardUs = this.#heardUntil(beganUs, endedUs);
      if (heardUs === null) return;
      this.#bound(heardUs, 'endedUs');
    }
    this.lastBeganUs = beganUs;
    this.#bound(beganUs, 'beganUs');
  }

  /** Until when the symbol was watched before `beganUs`; null where another ingestor has watched all along. */
  #heardUntil(beganUs: Micros, endedUs: Micros | null): Micros | null {
    if (endedUs === null) return beganUs - this.maxReceivedUs <= HEARD_US ? null : this.maxReceivedUs;
    // A tick may be of the socket that was lost; a quote that came after its last frame cannot.
    if (this.lastQuoteUs <= endedUs) return endedUs;
    return beganUs - this.lastQuoteUs <= HEARD_US ? null : this.lastQuoteUs;
  }

  /** A row that may have been written becomes another by this, so it needs a higher version. */
  #bound(timeUs: Micros, side: 'beganUs' | 'endedUs'): void {
    const index = Math.floor(timeUs / SPREAD_WINDOW_US);
    if (index < this.openIndex - KEPT_WINDOWS) return;
    const window = this.#at(index);
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

const MOMENT: QuoteMoment = {
  updateId: 0,
  receivedUs: 0,
  spread: 0,
  spreadBps: 0,
  windowStartUs: 0,
  windowMinSpread: 0,
  windowMaxSpread: 0,
  windowMaxBps: 0,
  windowUpdates: 0,
};

/** Fills the one moment that the signals read before the next quote comes. */
function quoteMoment(quote: FoldQuote, window: SpreadWindow): QuoteMoment {
  const unit = 10 ** window.scale;
  MOMENT.updateId = quote.updateId;
  MOMENT.receivedUs = quote.receivedUs;
  MOMENT.spread = (Number(window.lastAsk) - Number(window.lastBid)) / unit;
  MOMENT.spreadBps = spreadBps(window.lastBid, window.lastAsk) / 10 ** BPS_SCALE;
  MOMENT.windowStartUs = window.startUs;
  MOMENT.windowMinSpread = Number(window.minSpread) / unit;
  MOMENT.windowMaxSpread = Number(window.maxSpread) / unit;
  MOMENT.windowMaxBps = window.maxBps / 10 ** BPS_SCALE;
  MOMENT.windowUpdates = window.count;
  return MOMENT;
}
