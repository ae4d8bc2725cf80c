import { assert } from '../coded-error.ts';
import type { AggTrade } from '../events/agg-trade.ts';
import type { Kline } from '../events/kline.ts';
import type { Source } from '../events/source.ts';
import type { Tick } from '../events/tick.ts';
import { IdRanges } from '../id-ranges.ts';
import { BASELINE_PANES, type TradeJudge } from '../signals/trade-judge.ts';
import { type MarketSymbol, MINUTE_US, type Micros } from '../units.ts';
import type { TradeFigures } from './figures.ts';
import { GapFold } from './gap-fold.ts';
import type { Pane } from './pane.ts';
import { PaneStore } from './pane-store.ts';
import { BLOCK_PANES, MINUTE_PANES, PANE_US, type Resolution } from './resolution.ts';
import { sameKline } from './same-kline.ts';
import { TileWitness } from './tile-witness.ts';
import { WhaleRule } from './whale-rule.ts';
import { WindowQueue } from './window-queue.ts';

/** What the fold reads of a trade; the byte scanner fills one record of it for every trade. */
export interface FoldTrade extends TradeFigures {
  tradeTimeUs: Micros;
  source: Source;
}

/** What the fold did with an event. */
export const FOLD = {
  /** It changed the windows, or could have. */
  folded: 0,
  /** It was there already. */
  duplicate: 1,
  /** It is older than the log keeps records; it goes to the dead letters. */
  late: 2,
  /** Nothing was done: the archive block {@link TradeWindows.neededBlock} has to be loaded first. */
  needsBlock: 3,
} as const;
export type FoldOutcome = (typeof FOLD)[keyof typeof FOLD];

/** How far a symbol's records were folded: all of the partition below `next`. */
export interface FoldedTo {
  readonly partition: number;
  readonly next: number;
}

/** The rules of the windows over trades; the same for every symbol but the whale threshold. */
export interface TradeWindowRules {
  readonly resolutions: readonly Resolution[];
  /** How far the watermark stays behind the largest event time. */
  readonly delayUs: Micros;
  /** A trade this much older than the watermark is late for good. */
  readonly retentionUs: Micros;
  /** The quote value from which a trade counts as a whale's; null counts none. */
  readonly whaleQuoteValue: number | null;
}

const HOUR_US = 60 * MINUTE_US;

/** Id ranges of a symbol kept in the hot item; older ones stand in their panes. */
const KEPT_RANGES = 64;

/**
 * The windows over the trades of one symbol: folds events in log order, each trade id once, and knows which
 * rows that changed. Pure: what it needs from the archive it asks for by {@link FOLD.needsBlock}.
 */
export class TradeWindows {
  readonly symbol: MarketSymbol;
  readonly rules: TradeWindowRules;
  epoch: number;
  /** Distinct trades, closed klines and gap changes so far: `k` of the rows' version. */
  sequence = 0;
  /** Where in the log of validated events the fold stands; null where no record of the log was folded. */
  foldedTo: FoldedTo | null = null;
  /** The largest event time seen, by trade, kline or tick; -1 before the first. */
  maxEventUs: Micros = -1;
  /** The first pane that the watermark has not passed. */
  openPane = 0;
  ids = new IdRanges();
  /** Ids below this are looked up in their pane: their ranges are no longer kept here. */
  idFloor = 0;
  readonly panes = new PaneStore();
  readonly tiles = new TileWitness();
  readonly queue: WindowQueue;
  /** The block that {@link FOLD.needsBlock} asks for. */
  neededBlock = 0;
  /** Raises market signals, trade by trade; null raises none. */
  readonly judge: TradeJudge | null;
  readonly #whales: WhaleRule;
  #current: Pane | undefined;
  #boundaryUs: Micros = 0;
  readonly #gaps: GapFold;

  constructor(symbol: MarketSymbol, rules: TradeWindowRules, epoch: number, judge: TradeJudge | null = null) {
    this.judge = judge;
    this.symbol = symbol;
    this.rules = rules;
    this.epoch = epoch;
    this.queue = new WindowQueue(rules.resolutions);
    this.#gaps = new GapFold(this);
    this.#whales = new WhaleRule(rules.whaleQuoteValue);
  }

  /** Folds one trade, once per id. */
  foldTrade(trade: FoldTrade): FoldOutcome {
    const time = trade.tradeTimeUs;
    let pane = this.#current;
    if (pane === undefined || time < pane.startUs || time >= pane.endUs) {
      const index = Math.floor(time / PANE_US);
      if (this.#isLate(time)) return this.#judgeLate(trade.tradeId);
      if (trade.tradeId >= this.idFloor && this.ids.has(trade.tradeId) && time <= this.maxEventUs + HOUR_US) {
        return FOLD.duplicate;
      }
      if (this.lacks(index) || this.#lacksToAdvance(time)) return FOLD.needsBlock;
      pane = this.panes.at(index);
    } else if (time >= this.#boundaryUs && this.#lacksToAdvance(time)) {
      return FOLD.needsBlock;
    }
    const id = trade.tradeId;
    if (id < this.idFloor ? pane.ids.has(id) : !this.ids.add(id)) {
      if (time <= this.maxEventUs + HOUR_US) return FOLD.duplicate;
      this.#resetIds(id);
    }
    if (this.ids.rangeCount > KEPT_RANGES) this.pruneIds();
    this.#current = pane;
    this.#gaps.noteCame(id, id);
    if (pane.figures.count === 0) this.#inheritBegin(pane);
    assert(pane.ids.add(id), 'a trade that the symbol has not seen stands in its pane');
    this.sequence += 1;
    const figures = pane.figures;
    const value = figures.add(trade);
    if (this.#whales.isWhale(value, figures.priceScale + figures.quantityScale)) pane.whales += 1;
    this.judge?.onTrade(trade, pane, value);
    this.#changed(pane, 1, trade.source);
    if (time > this.maxEventUs) this.#advance(time);
    return FOLD.folded;
  }

  /**
   * An aggregate: the exchange's own witness of the ids it covers and, where it came by repair, the stand-in for
   * trades that could not be had singly.
   */
  foldAggTrade(event: AggTrade): FoldOutcome {
    if (event.source !== 'backfill') {
      this.tiles.note(event);
      return FOLD.folded;
    }
    if (this.#isLate(event.tradeTimeUs)) return this.#judgeLate(event.lastTradeId);
    const index = Math.floor(event.tradeTimeUs / PANE_US);
    if (this.lacks(index) || this.#lacksToAdvance(event.tradeTimeUs)) return FOLD.needsBlock;
    const pane = this.panes.at(index);
    const trades = event.lastTradeId - event.firstTradeId + 1;
    const seen = event.firstTradeId < this.idFloor ? pane.ids : this.ids;
    const unseen = seen.missingWithin(event.firstTradeId, event.lastTradeId);
    if (unseen.length !== 1 || unseen[0]?.from !== event.firstTradeId || unseen[0].to !== event.lastTradeId) {
      return FOLD.duplicate;
    }
    if (event.firstTradeId >= this.idFloor) this.ids.addRange(event.firstTradeId, event.lastTradeId);
    this.pruneIds();
    this.#gaps.noteCame(event.firstTradeId, event.lastTradeId);
    if (pane.figures.count === 0) this.#inheritBegin(pane);
    pane.ids.addRange(event.firstTradeId, event.lastTradeId);
    this.sequence += trades;
    pane.repairedByAggregate = true;
    pane.figures.addRange({
      tradeId: event.firstTradeId,
      lastTradeId: event.lastTradeId,
      priceUnits: event.price.units,
      priceScale: event.price.scale,
      quantityUnits: event.quantity.units,
      quantityScale: event.quantity.scale,
      isBuyerMaker: event.isBuyerMaker,
    });
    this.#changed(pane, trades, event.source);
    if (event.tradeTimeUs > this.maxEventUs) this.#advance(event.tradeTimeUs);
    return FOLD.folded;
  }

  /** A closed kline: kept beside its minute, whose rows are judged again. */
  foldKline(event: Kline): FoldOutcome {
    if (this.#isLate(event.openTimeUs)) return FOLD.late;
    const index = Math.floor(event.openTimeUs / PANE_US);
    if (this.lacks(index) || this.#lacksToAdvance(event.endTimeUs)) return FOLD.needsBlock;
    const pane = this.panes.at(index);
    const fetched = event.source === 'backfill';
    const known = pane.witness;
    const isSame = known !== null && sameKline(known.figures, event);
    if (isSame && (known.confirmed || !fetched)) return FOLD.duplicate;
    if (!isSame) this.sequence += 1;
    pane.witness = { figures: event, confirmed: fetched || known !== null };
    this.panes.markChanged(pane);
    if (index + MINUTE_PANES <= this.openPane) this.queue.judgeAgain(index, this.openPane, this.sequence);
    if (event.endTimeUs > this.maxEventUs) this.#advance(event.endTimeUs);
    return FOLD.folded;
  }

  /** A tick: moves the watermark, tells a gap, bounds a watch session, flushes what waits to be written. */
  foldTick(event: Tick): FoldOutcome {
    if (this.#lacksToAdvance(event.timeUs)) return FOLD.needsBlock;
    if (event.gap !== null) {
      if (this.#gaps.fold(event.gap) === 'needs-block') return FOLD.needsBlock;
    }
    for (const bound of [event.beganUs, event.endedUs]) {
      if (bound !== null && this.lacks(Math.floor(bound / PANE_US))) return FOLD.needsBlock;
    }
    if (event.beganUs !== null) this.#bound(event.beganUs, 'beganUs');
    if (event.endedUs !== null) this.#bound(event.endedUs, 'endedUs');
    if (event.timeUs > this.maxEventUs) this.#advance(event.timeUs);
    if (event.endedUs !== null) this.#closeAll();
    this.judge?.onTick(event.timeUs);
    this.queue.flushRequested = true;
    return FOLD.folded;
  }

  /**
   * Closes told gaps of which every id has come. To be called after each event; false where the archive block
   * {@link TradeWindows.neededBlock} has to be loaded first.
   */
  closeGaps(): boolean {
    return this.#gaps.close() === 'folded';
  }

  /** Notes in {@link TradeWindows.neededBlock} the archive block that a pane needs and that is not at hand. */
  lacks(paneIndex: number): boolean {
    const block = Math.floor(paneIndex / BLOCK_PANES);
    if (this.panes.has(block, paneIndex)) return false;
    this.neededBlock = block;
    return true;
  }

  /**
   * Keeps the newest ranges of ids; older ids stand in their panes alone. After every event, so that what the fold
   * knows does not depend on where a batch ends.
   */
  pruneIds(): void {
    while (this.ids.rangeCount > KEPT_RANGES) {
      const oldest = this.ids.shift();
      if (oldest !== undefined) this.idFloor = oldest.to + 1;
    }
  }

  /** A record of the log was folded. One that comes again takes nothing back. */
  noteFolded(partition: number, offset: number): void {
    const known = this.foldedTo;
    if (known?.partition === partition && known.next > offset) return;
    this.foldedTo = { partition, next: offset + 1 };
  }

  /** The state was committed. */
  settle(): void {
    this.panes.settle();
    this.#current = undefined;
  }

  /** Brings the derived fields in line with restored state. */
  restored(): void {
    this.#current = undefined;
    this.#boundaryUs = this.#boundaryAfter(this.openPane);
  }

  #bound(timeUs: Micros, side: 'beganUs' | 'endedUs'): void {
    const pane = this.panes.at(Math.floor(timeUs / PANE_US));
    if (pane[side] === timeUs) return;
    pane[side] = timeUs;
    this.panes.markChanged(pane);
    const altersRows = side === 'beganUs' && this.panes.lastTraded > pane.index - this.queue.largestSize;
    if (!altersRows) return;
    this.sequence += 1;
    pane.sequence = this.sequence;
    if (pane.index < this.openPane) this.queue.revise(pane.index, this.openPane, this.sequence);
  }

  /**
   * The exchange sends a trade a moment after it was made: the first frame of a watch can hold one of the pane
   * before that in which the watch began. No window that holds it was watched whole.
   */
  #inheritBegin(pane: Pane): void {
    pane.beganUs ??= this.panes.find(pane.index + 1)?.beganUs ?? null;
  }

  #changed(pane: Pane, trades: number, source: Source): void {
    pane.sequence = this.sequence;
    if (source === 'backfill') pane.repaired = true;
    if (pane.index < this.openPane) {
      pane.noteLate(this.openPane, trades, this.sequence, source === 'backfill' ? 'repair' : 'late');
      this.queue.revise(pane.index, this.openPane, this.sequence);
    }
    this.panes.markTraded(pane);
  }

  #advance(timeUs: Micros): void {
    if (this.maxEventUs < 0) this.openPane = Math.floor((timeUs - this.rules.delayUs) / PANE_US);
    this.maxEventUs = timeUs;
    if (timeUs < this.#boundaryUs) return;
    this.#close(Math.floor((timeUs - this.rules.delayUs) / PANE_US));
  }

  #close(openPane: number): void {
    if (openPane > this.openPane) {
      this.queue.close(this.openPane, openPane, this.panes.lastTraded, this.sequence, () =>
        this.panes.hot.filter((pane) => pane.figures.count > 0).map((pane) => pane.index),
      );
      const closed = this.panes.between(Math.max(this.openPane, openPane - BLOCK_PANES), openPane);
      this.judge?.onPanesClosed(closed, this.panes.between(openPane - BASELINE_PANES, openPane));
      this.openPane = openPane;
    }
    this.#boundaryUs = this.#boundaryAfter(this.openPane);
  }

  /** A finished feed: every window that holds a trade is final, whatever the watermark. */
  #closeAll(): void {
    if (this.panes.lastTraded >= 0) this.#close(this.panes.lastTraded + this.queue.largestSize);
  }

  #boundaryAfter(openPane: number): Micros {
    return (openPane + 1) * PANE_US + this.rules.delayUs;
  }

  #isLate(timeUs: Micros): boolean {
    return timeUs < this.maxEventUs - this.rules.delayUs - this.rules.retentionUs;
  }

  #judgeLate(id: number): FoldOutcome {
    return id >= this.idFloor && this.ids.has(id) ? FOLD.duplicate : FOLD.late;
  }

  /** Closing panes shows the signals the two minutes before; after a cold start these may be archived. */
  #lacksToAdvance(timeUs: Micros): boolean {
    if (timeUs < this.#boundaryUs || this.judge === null) return false;
    const openPane = Math.floor((timeUs - this.rules.delayUs) / PANE_US);
    const first = Math.floor((openPane - BASELINE_PANES) / BLOCK_PANES);
    for (let block = first; block <= Math.floor((openPane - 1) / BLOCK_PANES); block += 1) {
      if (this.panes.isWhole(block)) continue;
      this.neededBlock = block;
      return true;
    }
    return false;
  }

  /** The exchange began its ids anew (its test network does): what was seen says nothing of the new ones. */
  #resetIds(id: number): void {
    this.ids = new IdRanges();
    this.ids.add(id);
    this.idFloor = 0;
  }
}
