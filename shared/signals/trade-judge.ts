import type { Signal } from '../events/signal.ts';
import { bigPowerOfTen, POWERS_OF_TEN } from '../exact/powers.ts';
import { roundQuotient } from '../exact/rounding.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import { sampleDeviation } from '../window/candle-row.ts';
import { Figures, type TradeFigures, type Units } from '../window/figures.ts';
import type { Pane } from '../window/pane.ts';
import { MinuteFigures, type MinuteState } from './minute-figures.ts';
import type { Thresholds } from './thresholds.ts';
import type { TradeMoment } from './trade-moment.ts';
import { TradeSignals, type TradeSignalsState } from './trade-signals.ts';

/** Panes of the window that price spikes are held against: two minutes. */
export const BASELINE_PANES = 12;

/** What is kept between batches. */
export type TradeJudgeState = readonly [
  signals: TradeSignalsState,
  minute: MinuteState,
  sliding: readonly [mean: number, stddev: number, trades: number],
];

/** Turns each folded trade into the moment that the signals judge, and collects what they raise. */
export class TradeJudge {
  readonly #signals: TradeSignals;
  readonly #minute = new MinuteFigures();
  readonly #moment: TradeMoment = {
    tradeId: 0,
    tradeTimeUs: 0,
    price: 0,
    quantity: 0,
    quoteValue: 0,
    isBuyerMaker: false,
    paneStartUs: 0,
    paneVolume: 0,
    minuteStartUs: 0,
    minuteTrades: 0,
    minuteMean: 0,
    minuteStddev: 0,
    minuteTakerBuyVolume: 0,
    minuteTakerSellVolume: 0,
    slidingMean: 0,
    slidingStddev: 0,
    slidingTrades: 0,
  };
  #raised: Signal[] = [];

  constructor(symbol: MarketSymbol, thresholds: Thresholds) {
    this.#signals = new TradeSignals(symbol, thresholds);
  }

  /** A trade was folded into `pane`; `value` is its quote value at the pane's scales. */
  onTrade(trade: TradeFigures & { readonly tradeTimeUs: Micros }, pane: Pane, value: Units): void {
    const moment = this.#moment;
    const minute = this.#minute;
    const { figures } = pane;
    moment.tradeId = trade.tradeId;
    moment.tradeTimeUs = trade.tradeTimeUs;
    moment.price = toDouble(trade.priceUnits, trade.priceScale);
    moment.quantity = toDouble(trade.quantityUnits, trade.quantityScale);
    moment.quoteValue = toDouble(value, figures.priceScale + figures.quantityScale);
    moment.isBuyerMaker = trade.isBuyerMaker;
    moment.paneStartUs = pane.startUs;
    moment.paneVolume = toDouble(figures.volume.safeValue() ?? figures.volume.value(), figures.quantityScale);
    minute.add(trade.tradeTimeUs, moment.price, moment.quantity, trade.isBuyerMaker);
    moment.minuteStartUs = minute.startUs;
    moment.minuteTrades = minute.trades;
    moment.minuteMean = minute.mean;
    moment.minuteStddev = minute.stddev;
    moment.minuteTakerBuyVolume = minute.takerBuyVolume;
    moment.minuteTakerSellVolume = minute.takerSellVolume;
    this.#signals.onTrade(moment, this.#raised);
  }

  /** Panes were closed, oldest first; `sliding` are those of the two minutes up to the last of them. */
  onPanesClosed(closed: readonly Pane[], sliding: readonly Pane[]): void {
    for (const { startUs, figures } of closed) {
      if (figures.count === 0) continue;
      this.#signals.onPaneClosed(startUs, toDouble(figures.volume.value(), figures.quantityScale));
    }
    const merged = new Figures();
    for (const { figures } of sliding) merged.merge(figures);
    const moment = this.#moment;
    moment.slidingTrades = merged.count;
    moment.slidingMean =
      merged.count === 0
        ? 0
        : roundQuotient(merged.priceSum.value(), BigInt(merged.count) * bigPowerOfTen(merged.priceScale));
    moment.slidingStddev = sampleDeviation(merged) ?? 0;
  }

  /** A tick of the trades feed: what a silent market has left behind is cleared. */
  onTick(timeUs: Micros): void {
    this.#signals.onTick(timeUs, this.#raised);
  }

  /** The rules that have episodes, each open or not. */
  get episodes(): TradeSignals['episodes'] {
    return this.#signals.episodes;
  }

  /** What was raised or cleared since the last call, in order. */
  take(): readonly Signal[] {
    const raised = this.#raised;
    this.#raised = [];
    return raised;
  }

  toState(): TradeJudgeState {
    const { slidingMean, slidingStddev, slidingTrades } = this.#moment;
    return [this.#signals.toState(), this.#minute.toState(), [slidingMean, slidingStddev, slidingTrades]];
  }

  restore(state: TradeJudgeState): void {
    const [signals, minute, [mean, stddev, trades]] = state;
    this.#signals.fromState(signals);
    this.#minute.restore(minute);
    this.#moment.slidingMean = mean;
    this.#moment.slidingStddev = stddev;
    this.#moment.slidingTrades = trades;
  }
}

function toDouble(units: Units, scale: number): number {
  return Number(units) / (POWERS_OF_TEN[scale] ?? 10 ** scale);
}
