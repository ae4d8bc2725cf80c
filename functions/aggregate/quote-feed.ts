import { parseEvent } from '../../shared/events/parse-event.ts';
import { newQuoteScan, scanQuote } from '../../shared/events/quote-scan.ts';
import { QuoteSignals } from '../../shared/signals/quote-signals.ts';
import type { Thresholds } from '../../shared/signals/thresholds.ts';
import { HotItemWriter } from '../../shared/state/hot-item-writer.ts';
import { readQuoteState, writeQuoteState } from '../../shared/state/quote-state.ts';
import type { HotItem, StateStore } from '../../shared/state/state-store.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';
import { QuoteWindows } from '../../shared/window/quote-windows.ts';
import { quoteRow, spreadRow } from '../../shared/window/spread-row.ts';
import { type StoredQuote, storedQuote } from '../../shared/window/stored-quote.ts';
import { FOLD } from '../../shared/window/trade-windows.ts';
import type { Effects } from './effects.ts';
import { type Feed, type FeedRecord, ValueBytes } from './feed.ts';
import { lateRecord, refusedRecord } from './refused-record.ts';

/** What the quote windows of every symbol have in common. */
export interface QuoteFeedOptions {
  readonly store: StateStore;
  readonly delayUs: Micros;
  /** What counts as a wide spread: by symbol. */
  readonly thresholds: (symbol: MarketSymbol) => Thresholds;
  /** Whether each quote becomes a row of table `quotes`. */
  readonly keepQuotes: boolean;
  /** The topic that the raw positions in the events refer to. */
  readonly rawTopic: string;
}

/** The quote windows of one symbol. Their whole state is one hot item. */
export class QuoteFeed implements Feed {
  readonly #hot: HotItemWriter;
  readonly #symbol: MarketSymbol;
  readonly #options: QuoteFeedOptions;
  readonly #thresholds: Thresholds;
  readonly #quotes: QuoteWindows;
  readonly #value = new ValueBytes();
  readonly #scan = newQuoteScan();
  #nowUs: Micros = 0;

  constructor(
    key: string,
    symbol: MarketSymbol,
    options: QuoteFeedOptions,
    stored: HotItem | undefined,
    epoch: number,
  ) {
    this.#hot = new HotItemWriter(options.store, key, stored);
    this.#symbol = symbol;
    this.#options = options;
    this.#thresholds = options.thresholds(symbol);
    const signals = new QuoteSignals(symbol, this.#thresholds);
    this.#quotes =
      stored === undefined
        ? new QuoteWindows(symbol, options.delayUs, epoch, signals)
        : readQuoteState(symbol, options.delayUs, stored.bytes, signals);
  }

  get key(): string {
    return this.#hot.key;
  }

  get version(): number {
    return this.#hot.version;
  }

  get episodes(): Feed['episodes'] {
    return this.#quotes.signals?.episodes ?? [];
  }

  async fold(records: readonly FeedRecord[], at: number, effects: Effects): Promise<number> {
    for (let next = at; next < records.length; next += 1) {
      const record = records[next];
      if (record !== undefined) this.#foldRecord(record, effects);
    }
    for (const due of this.#quotes.take(this.#nowUs)) {
      effects.rows.push(spreadRow(this.#symbol, due, this.#thresholds, this.#quotes.epoch));
    }
    for (const signal of this.#quotes.takeSignals()) {
      effects.signals.push({ signal, epoch: this.#quotes.epoch });
    }
    return records.length;
  }

  beginAt(): void {
    // Quotes are not rebuilt, so that nobody asks.
  }

  commit(): Promise<boolean> {
    return this.#hot.write(writeQuoteState(this.#quotes));
  }

  #foldRecord(record: FeedRecord, effects: Effects): void {
    const length = record.value === null ? 0 : this.#value.decode(record.value);
    if (scanQuote(this.#value.bytes, 0, length, this.#scan) && this.#scan.symbol === this.#symbol) {
      this.#foldQuote(this.#scan, length, effects);
      return;
    }
    const bytes = this.#value.bytes.subarray(0, length);
    const event = parseEvent(bytes);
    if (event.kind === 'quote' && event.symbol === this.#symbol) {
      this.#foldQuote(storedQuote(event), length, effects);
    } else if (event.kind === 'tick' && event.symbol === this.#symbol) {
      this.#see(event.receivedUs);
      this.#quotes.foldTick(event);
    } else {
      effects.counts.unreadable += 1;
      effects.refused.push(refusedRecord(record, event, this.#symbol, bytes));
    }
  }

  #foldQuote(quote: StoredQuote, length: number, effects: Effects): void {
    this.#see(quote.receivedUs);
    const outcome = this.#quotes.foldQuote(quote);
    if (outcome === FOLD.folded) {
      effects.counts.quotes += 1;
      if (this.#options.keepQuotes) effects.rows.push(quoteRow(quote, this.#quotes.epoch));
    } else if (outcome === FOLD.duplicate) {
      effects.counts.duplicates += 1;
    } else {
      effects.counts.late += 1;
      const { rawTopic } = this.#options;
      effects.refused.push(lateRecord(rawTopic, quote, this.#symbol, this.#value.bytes.subarray(0, length)));
    }
  }

  #see(receivedUs: Micros): void {
    if (receivedUs > this.#nowUs) this.#nowUs = receivedUs;
  }
}
