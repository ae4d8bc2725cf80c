import type { Signal, SignalEvidence } from '../events/signal.ts';
import { type MarketSymbol, MINUTE_US, type Micros, SECOND_US } from '../units.ts';
import { Episode, type EpisodeState, severityOf } from './episode.ts';
import { isWhale } from './rules.ts';
import { signalId } from './signal-id.ts';
import type { Thresholds } from './thresholds.ts';
import type { TradeMoment } from './trade-moment.ts';
import { type BaselineState, VolumeBaseline } from './volume-baseline.ts';

const PANE_US = 10 * SECOND_US;
const SLIDING_US = 2 * MINUTE_US;

/**
 * What is kept between batches, under 600 bytes as JSON: format version, newest pane (in 10 s) and minute, the
 * minute's last deviation, deviation in basis points and imbalance, the pane's last volume, the baseline, and
 * the six episodes in the order of `#episodes`.
 */
export type TradeSignalsState = readonly [
  version: 1,
  pane: number,
  minute: number,
  stddev: number,
  bps: number,
  imbalance: number,
  volume: number,
  baseline: BaselineState,
  episodes: readonly (EpisodeState | 0)[],
];

/**
 * The market signals of one symbol's trades, judged trade by trade in log order, so that batch boundaries change
 * nothing.
 *
 * An episode of a window (minute or pane) opens at the trade that lifts the window's figure over the threshold.
 * It clears at the first trade of a later window when the window before it ended at or below `clearRatio` ×
 * threshold, or had no trade at all; a tick clears it once a whole window has passed without a trade. So a figure
 * that starts anew with each window does not flap. A price spike has no window of its own and clears at the first
 * trade back at or below `clearRatio` × threshold.
 *
 * A trade of a pane before the newest one is late: it would be held against figures of another time, so it is not
 * judged. A whale is judged whenever it comes: it depends on the trade alone.
 */
export class TradeSignals {
  readonly #symbol: MarketSymbol;
  readonly #thresholds: Thresholds;
  readonly #baseline: VolumeBaseline;
  readonly #volatility: Episode;
  readonly #volatilityBps: Episode;
  readonly #imbalance: Episode;
  readonly #volumeSpike: Episode;
  readonly #volumeBaseline: Episode;
  readonly #priceSpike: Episode;
  readonly #episodes: readonly Episode[];
  #paneStartUs: Micros = 0;
  #minuteStartUs: Micros = 0;
  #stddevSeen = 0;
  #bpsSeen = 0;
  #imbalanceSeen = 0;
  #volumeSeen = 0;

  constructor(symbol: MarketSymbol, thresholds: Thresholds) {
    this.#symbol = symbol;
    this.#thresholds = thresholds;
    this.#baseline = new VolumeBaseline(thresholds);
    this.#volatility = new Episode('volatility', symbol);
    this.#volatilityBps = new Episode('volatility-bps', symbol);
    this.#imbalance = new Episode('imbalance', symbol);
    this.#volumeSpike = new Episode('volume-spike', symbol);
    this.#volumeBaseline = new Episode('volume-baseline', symbol);
    this.#priceSpike = new Episode('price-spike', symbol);
    this.#episodes = [
      this.#volatility,
      this.#volatilityBps,
      this.#imbalance,
      this.#volumeSpike,
      this.#volumeBaseline,
      this.#priceSpike,
    ];
  }

  /** The rules that have episodes, each open or not: for the metric that says what is open. */
  get episodes(): readonly Pick<Episode, 'kind' | 'isOpen'>[] {
    return this.#episodes;
  }

  /** Judges a folded trade; what opens or clears is appended to `out`. */
  onTrade(moment: TradeMoment, out: Signal[]): void {
    if (isWhale(moment.quoteValue, this.#thresholds)) out.push(this.#whale(moment));
    if (moment.paneStartUs !== this.#paneStartUs) {
      if (moment.paneStartUs < this.#paneStartUs) return;
      this.#turnPane(moment, out);
    }
    this.#judgePane(moment, out);
    this.#judgeMinute(moment, out);
    this.#judgePrice(moment, out);
  }

  /** Takes a closed pane into the volume baseline. Panes without a trade need no call. */
  onPaneClosed(paneStartUs: Micros, volume: number): void {
    this.#baseline.add(paneStartUs, volume);
  }

  /** Clears what a silent market has left behind: call it with the time of every tick of the trades feed. */
  onTick(timeUs: Micros, out: Signal[]): void {
    const pane = windowAt(this.#paneStartUs, PANE_US);
    const minute = windowAt(this.#minuteStartUs, MINUTE_US);
    this.#expire(this.#volatility, minute, timeUs, out);
    this.#expire(this.#volatilityBps, minute, timeUs, out);
    this.#expire(this.#imbalance, minute, timeUs, out);
    this.#expire(this.#volumeSpike, pane, timeUs, out);
    this.#expire(this.#volumeBaseline, pane, timeUs, out);
    this.#expire(this.#priceSpike, { startUs: pane.startUs, endUs: pane.startUs + SLIDING_US }, timeUs, out);
  }

  toState(): TradeSignalsState {
    return [
      1,
      this.#paneStartUs / PANE_US,
      this.#minuteStartUs / MINUTE_US,
      this.#stddevSeen,
      this.#bpsSeen,
      this.#imbalanceSeen,
      this.#volumeSeen,
      this.#baseline.toState(),
      this.#episodes.map((episode) => episode.toState()),
    ];
  }

  /** Takes over what `toState` gave. */
  fromState(state: TradeSignalsState): void {
    const [, pane, minute, stddev, bps, imbalance, volume, baseline, episodes] = state;
    this.#paneStartUs = pane * PANE_US;
    this.#minuteStartUs = minute * MINUTE_US;
    this.#stddevSeen = stddev;
    this.#bpsSeen = bps;
    this.#imbalanceSeen = imbalance;
    this.#volumeSeen = volume;
    this.#baseline.restore(baseline);
    this.#episodes.forEach((episode, index) => {
      episode.restore(episodes[index] ?? 0);
    });
  }

  #judgePane(moment: TradeMoment, out: Signal[]): void {
    const volume = moment.paneVolume;
    this.#volumeSeen = volume;
    const absolute = this.#thresholds.volumeSpike;
    if (volume > absolute) this.#raise(this.#volumeSpike, volume, absolute, null, PANE_US, moment, out);
    const relative = this.#baseline.threshold;
    if (volume > relative) {
      this.#raise(this.#volumeBaseline, volume, relative, this.#baseline.mean, PANE_US, moment, out);
    }
  }

  #judgeMinute(moment: TradeMoment, out: Signal[]): void {
    const thresholds = this.#thresholds;
    const stddev = moment.minuteStddev;
    // One trade has no deviation: it says that the minute is calm so far.
    if (stddev >= 0) {
      const bps = (stddev / moment.minuteMean) * 10_000;
      this.#stddevSeen = stddev;
      this.#bpsSeen = bps;
      const { volatilityStddev, volatilityBps } = thresholds;
      if (stddev > volatilityStddev) {
        this.#raise(this.#volatility, stddev, volatilityStddev, null, MINUTE_US, moment, out);
      }
      if (bps > volatilityBps) {
        this.#raise(this.#volatilityBps, bps, volatilityBps, null, MINUTE_US, moment, out);
      }
    }
    if (moment.minuteTrades < thresholds.imbalanceMinTrades) return;
    const buys = moment.minuteTakerBuyVolume;
    const sells = moment.minuteTakerSellVolume;
    const imbalance = Math.abs(buys - sells) / (buys + sells);
    this.#imbalanceSeen = imbalance;
    if (imbalance > thresholds.imbalance) {
      this.#raise(this.#imbalance, imbalance, thresholds.imbalance, null, MINUTE_US, moment, out);
    }
  }

  #judgePrice(moment: TradeMoment, out: Signal[]): void {
    const thresholds = this.#thresholds;
    if (moment.slidingTrades < thresholds.priceSpikeMinTrades) return;
    const mean = moment.slidingMean;
    const off = Math.abs(moment.price - mean);
    const threshold = Math.max(
      thresholds.priceSpikeDeviations * moment.slidingStddev,
      thresholds.priceSpikeMinBps * 1e-4 * mean,
    );
    if (off > threshold) this.#raise(this.#priceSpike, off, threshold, mean, 0, moment, out);
    else if (this.#priceSpike.isOpen && this.#priceSpike.isOver(off, thresholds.clearRatio)) {
      out.push(this.#priceSpike.clear(moment.tradeId, thresholds.severeRatio, evidenceOfEnd(moment, null)));
    }
  }

  #turnPane(moment: TradeMoment, out: Signal[]): void {
    const pane = windowAt(this.#paneStartUs, PANE_US);
    this.#finish(this.#volumeSpike, this.#volumeSeen, pane, moment.paneStartUs, moment, out);
    this.#finish(this.#volumeBaseline, this.#volumeSeen, pane, moment.paneStartUs, moment, out);
    this.#paneStartUs = moment.paneStartUs;
    if (moment.minuteStartUs === this.#minuteStartUs) return;
    const minute = windowAt(this.#minuteStartUs, MINUTE_US);
    this.#finish(this.#volatility, this.#stddevSeen, minute, moment.minuteStartUs, moment, out);
    this.#finish(this.#volatilityBps, this.#bpsSeen, minute, moment.minuteStartUs, moment, out);
    this.#finish(this.#imbalance, this.#imbalanceSeen, minute, moment.minuteStartUs, moment, out);
    this.#minuteStartUs = moment.minuteStartUs;
    this.#stddevSeen = 0;
    this.#bpsSeen = 0;
    this.#imbalanceSeen = 0;
  }

  /** Clears an episode whose window ended low, or was followed by a whole window without a trade. */
  #finish(
    episode: Episode,
    seen: number,
    window: Window,
    nextStartUs: Micros,
    moment: TradeMoment,
    out: Signal[],
  ): void {
    if (!episode.isOpen) return;
    const { clearRatio, severeRatio } = this.#thresholds;
    if (nextStartUs > window.endUs || episode.isOver(seen, clearRatio)) {
      out.push(episode.clear(moment.tradeId, severeRatio, evidenceOfEnd(moment, window)));
    }
  }

  #expire(episode: Episode, window: Window, timeUs: Micros, out: Signal[]): void {
    if (!episode.isOpen || timeUs < window.endUs + (window.endUs - window.startUs)) return;
    out.push(episode.clear(null, this.#thresholds.severeRatio, { prices: [], window }));
  }

  #raise(
    episode: Episode,
    value: number,
    threshold: number,
    baseline: number | null,
    lengthUs: number,
    moment: TradeMoment,
    out: Signal[],
  ): void {
    if (episode.isOpen) {
      episode.see(value);
      return;
    }
    const startUs = lengthUs === PANE_US ? moment.paneStartUs : moment.minuteStartUs;
    const evidence: SignalEvidence = {
      ids: [moment.tradeId],
      prices: [moment.price],
      quantity: null,
      window: lengthUs === 0 ? null : windowAt(startUs, lengthUs),
    };
    out.push(
      episode.open({
        openedBy: moment.tradeId,
        timeUs: moment.tradeTimeUs,
        value,
        threshold,
        baseline,
        severeRatio: this.#thresholds.severeRatio,
        evidence,
      }),
    );
  }

  #whale(moment: TradeMoment): Signal {
    const { whaleQuote, severeRatio } = this.#thresholds;
    return {
      id: signalId('whale', this.#symbol, moment.tradeId),
      symbol: this.#symbol,
      kind: 'whale',
      severity: severityOf('whale', moment.quoteValue / whaleQuote, severeRatio),
      state: 'open',
      value: moment.quoteValue,
      threshold: whaleQuote,
      baseline: null,
      evidence: { ids: [moment.tradeId], prices: [moment.price], quantity: moment.quantity, window: null },
      openedBy: moment.tradeId,
      timeUs: moment.tradeTimeUs,
      version: 1,
    };
  }
}

interface Window {
  readonly startUs: Micros;
  readonly endUs: Micros;
}

function windowAt(startUs: Micros, lengthUs: number): Window {
  return { startUs, endUs: startUs + lengthUs };
}

function evidenceOfEnd(
  moment: TradeMoment,
  window: Window | null,
): Pick<SignalEvidence, 'prices' | 'window'> {
  return { prices: [moment.price], window };
}
