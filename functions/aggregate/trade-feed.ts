import type { AggTrade } from '../../shared/events/agg-trade.ts';
import type { Kline } from '../../shared/events/kline.ts';
import { parseEvent } from '../../shared/events/parse-event.ts';
import type { Tick } from '../../shared/events/tick.ts';
import type { Trade } from '../../shared/events/trade.ts';
import { newTradeScan, scanTrade } from '../../shared/events/trade-scan.ts';
import type { Thresholds } from '../../shared/signals/thresholds.ts';
import { TradeJudge } from '../../shared/signals/trade-judge.ts';
import { ByteReader } from '../../shared/state/byte-reader.ts';
import { HotItemWriter } from '../../shared/state/hot-item-writer.ts';
import { readPane } from '../../shared/state/pane-codec.ts';
import type { HotItem, StateStore } from '../../shared/state/state-store.ts';
import { readTradeState, writeTradeState } from '../../shared/state/trade-state.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';
import { CandleWriter } from '../../shared/window/candle-writer.ts';
import { mismatchRecord } from '../../shared/window/mismatch-record.ts';
import { BLOCK_PANES } from '../../shared/window/resolution.ts';
import { storedTrade, tradeRow } from '../../shared/window/trade-row.ts';
import {
  FOLD,
  type FoldOutcome,
  type TradeWindowRules,
  TradeWindows,
} from '../../shared/window/trade-windows.ts';
import type { Effects } from './effects.ts';
import { type Feed, type FeedRecord, ValueBytes } from './feed.ts';
import { byBlock } from './pane-blocks.ts';
import { lateRecord, type Received, refusedRecord } from './refused-record.ts';

/** Changed panes after which a stretch is committed: what is changed cannot yet leave the 4 KB hot item. */
const MAX_CHANGED_PANES = 16;

/** Closed panes that wait for the archive until they are worth a write: a minute of them. */
const ARCHIVE_BATCH = 6;

/** Archive blocks kept in memory behind the open one. */
const KEPT_BLOCKS = 1;

/** What the trade windows of every symbol have in common. */
export interface TradeFeedOptions {
  readonly store: StateStore;
  readonly rules: Omit<TradeWindowRules, 'whaleQuoteValue'>;
  /** What counts as a whale, a spike, an alert: by symbol. */
  readonly thresholds: (symbol: MarketSymbol) => Thresholds;
  /** Whether each trade becomes a row of table `trades`. */
  readonly keepTrades: boolean;
  /** The topic that the raw positions in the events refer to. */
  readonly rawTopic: string;
}

/** The trade windows of one symbol. */
export class TradeFeed implements Feed {
  readonly #hot: HotItemWriter;
  readonly #symbol: MarketSymbol;
  readonly #options: TradeFeedOptions;
  readonly #windows: TradeWindows;
  readonly #writer: CandleWriter;
  readonly #value = new ValueBytes();
  readonly #scan = newTradeScan();
  #nowUs: Micros = 0;

  constructor(
    key: string,
    symbol: MarketSymbol,
    options: TradeFeedOptions,
    stored: HotItem | undefined,
    epoch: number,
  ) {
    this.#hot = new HotItemWriter(options.store, key, stored);
    this.#symbol = symbol;
    this.#options = options;
    const thresholds = options.thresholds(symbol);
    const rules = { ...options.rules, whaleQuoteValue: finiteOrNull(thresholds.whaleQuote) };
    const judge = new TradeJudge(symbol, thresholds);
    this.#windows =
      stored === undefined
        ? new TradeWindows(symbol, rules, epoch, judge)
        : readTradeState(symbol, rules, stored.bytes, judge);
    this.#writer = new CandleWriter(this.#windows, thresholds);
  }

  get key(): string {
    return this.#hot.key;
  }

  get version(): number {
    return this.#hot.version;
  }

  get episodes(): Feed['episodes'] {
    return this.#windows.judge?.episodes ?? [];
  }

  async fold(records: readonly FeedRecord[], at: number, effects: Effects): Promise<number | undefined> {
    const windows = this.#windows;
    let next = at;
    while (next < records.length && windows.panes.changed.size < MAX_CHANGED_PANES) {
      const record = records[next];
      if (record === undefined) break;
      if (this.#foldRecord(record, effects) !== FOLD.needsBlock) next += 1;
      else if (!(await this.#load(windows.neededBlock))) return undefined;
      while (!windows.closeGaps()) if (!(await this.#load(windows.neededBlock))) return undefined;
    }
    const last = next > at ? records[next - 1] : undefined;
    if (last !== undefined) windows.noteFolded(last.partition, last.offset);
    effects.counts.untiledAggregates += windows.tiles.takeMismatches();
    this.#writer.collect();
    for (const block of this.#writer.missingBlocks()) if (!(await this.#load(block))) return undefined;
    this.#takeRows(effects);
    effects.signals.push(
      ...(windows.judge?.take() ?? []).map((signal) => ({ signal, epoch: windows.epoch })),
    );
    return next;
  }

  beginAt({ partition, offset }: FeedRecord): void {
    this.#windows.noteFolded(partition, offset - 1);
  }

  async commit(): Promise<boolean> {
    const { store } = this.#options;
    const windows = this.#windows;
    const closed = windows.panes.archivable(windows.openPane);
    if (closed.length >= ARCHIVE_BATCH) {
      for (const [block, panes] of byBlock(closed)) {
        if (!(await store.writeBlock(this.key, block, this.version, panes))) return false;
      }
      windows.panes.archived(closed);
    }
    if (!(await this.#hot.write(writeTradeState(windows)))) return false;
    windows.settle();
    windows.panes.evictBelow(Math.floor(windows.openPane / BLOCK_PANES) - KEPT_BLOCKS);
    return true;
  }

  #foldRecord(record: FeedRecord, effects: Effects): FoldOutcome {
    const scan = this.#scan;
    const length = record.value === null ? 0 : this.#value.decode(record.value);
    if (!scanTrade(this.#value.bytes, 0, length, scan) || scan.symbol !== this.#symbol) {
      return this.#foldParsed(record, length, effects);
    }
    if (scan.receivedUs > this.#nowUs) this.#nowUs = scan.receivedUs;
    const outcome = this.#windows.foldTrade(scan);
    if (outcome === FOLD.folded) {
      effects.counts.trades += 1;
      if (scan.source === 'live') effects.receivedUs.add(scan.receivedUs);
      if (this.#options.keepTrades) effects.rows.push(tradeRow(scan, this.#windows.epoch));
    } else {
      this.#count(outcome, scan, length, effects);
    }
    return outcome;
  }

  #foldParsed(record: FeedRecord, length: number, effects: Effects): FoldOutcome {
    const bytes = this.#value.bytes.subarray(0, length);
    const event = parseEvent(bytes);
    if (event.kind === 'refused' || event.kind === 'quote' || event.symbol !== this.#symbol) {
      effects.counts.unreadable += 1;
      effects.refused.push(refusedRecord(record, event, this.#symbol, bytes));
      return FOLD.folded;
    }
    if (event.receivedUs > this.#nowUs) this.#nowUs = event.receivedUs;
    const trade = event.kind === 'trade' ? storedTrade(event) : undefined;
    const isAgain = this.#windows.hasFolded(record.partition, record.offset);
    const outcome = this.#foldEvent(event, isAgain);
    if (outcome !== FOLD.folded) {
      const { partition, offset } = event.raw;
      this.#count(
        outcome,
        { rawPartition: partition, rawOffset: offset, receivedUs: event.receivedUs },
        length,
        effects,
      );
    } else if (trade !== undefined) {
      effects.counts.trades += 1;
      if (this.#options.keepTrades) effects.rows.push(tradeRow(trade, this.#windows.epoch));
    }
    return outcome;
  }

  #foldEvent(event: Trade | AggTrade | Kline | Tick, isAgain: boolean): FoldOutcome {
    switch (event.kind) {
      case 'trade':
        return this.#windows.foldTrade(storedTrade(event));
      case 'aggTrade':
        return this.#windows.foldAggTrade(event);
      case 'kline':
        return this.#windows.foldKline(event);
      case 'tick':
        return this.#windows.foldTick(event, isAgain);
    }
  }

  #count(outcome: FoldOutcome, event: Received, length: number, effects: Effects): void {
    if (outcome === FOLD.duplicate) effects.counts.duplicates += 1;
    if (outcome !== FOLD.late) return;
    effects.counts.late += 1;
    const { rawTopic } = this.#options;
    effects.refused.push(lateRecord(rawTopic, event, this.#symbol, this.#value.bytes.subarray(0, length)));
  }

  #takeRows(effects: Effects): void {
    const due = this.#writer.take(this.#nowUs);
    effects.rows.push(...due.rows);
    effects.counts.checked += due.checked;
    effects.counts.mismatches += due.mismatches.length;
    for (const mismatch of due.mismatches) effects.mismatches.push(mismatchRecord(this.#symbol, mismatch));
    for (const openTimeUs of due.askedMinutesUs) effects.audits.push({ symbol: this.#symbol, openTimeUs });
  }

  /** False where the block was committed with a newer hot item than ours: the two do not belong together. */
  async #load(block: number): Promise<boolean> {
    const stored = await this.#options.store.readBlock(this.key, block);
    if (stored.version > this.version) return false;
    const panes = [...stored.panes].map(([index, bytes]) => readPane(index, new ByteReader(bytes)));
    this.#windows.panes.load(block, panes);
    return true;
  }
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
