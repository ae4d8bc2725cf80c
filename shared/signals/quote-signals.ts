import type { Signal, SignalEvidence } from '../events/signal.ts';
import { type MarketSymbol, type Micros, SECOND_US } from '../units.ts';
import { Episode, type EpisodeState } from './episode.ts';
import type { QuoteMoment } from './quote-moment.ts';
import { isSpreadWarning } from './rules.ts';
import type { Thresholds } from './thresholds.ts';

const WINDOW_US = 30 * SECOND_US;

/** What is kept between batches: version, newest window (in 30 s), its smallest and largest spread, its largest spread in basis points, the two episodes. */
export type QuoteSignalsState = readonly [
  version: 1,
  window: number,
  minSpread: number,
  maxSpread: number,
  maxBps: number,
  episodes: readonly (EpisodeState | 0)[],
];

/**
 * The market signals of one symbol's quotes, judged quote by quote in log order, over 30 s windows. They open and
 * clear as the window signals of `TradeSignals` do; a quote of a window before the newest one is not judged.
 */
export class QuoteSignals {
  readonly #thresholds: Thresholds;
  readonly #ratio: Episode;
  readonly #bps: Episode;
  #startUs: Micros = 0;
  #minSpread = 0;
  #maxSpread = 0;
  #maxBps = 0;

  constructor(symbol: MarketSymbol, thresholds: Thresholds) {
    this.#thresholds = thresholds;
    this.#ratio = new Episode('wide-spread', symbol);
    this.#bps = new Episode('wide-spread-bps', symbol);
  }

  /** The rules, each open or not: for the metric that says what is open. */
  get episodes(): readonly Pick<Episode, 'kind' | 'isOpen'>[] {
    return [this.#ratio, this.#bps];
  }

  /** Judges a folded quote; what opens or clears is appended to `out`. */
  onQuote(moment: QuoteMoment, out: Signal[]): void {
    if (moment.windowStartUs !== this.#startUs) {
      if (moment.windowStartUs < this.#startUs) return;
      this.#turn(moment, out);
    }
    this.#minSpread = moment.windowMinSpread;
    this.#maxSpread = moment.windowMaxSpread;
    this.#maxBps = moment.windowMaxBps;
    const thresholds = this.#thresholds;
    if (isSpreadWarning(moment.windowMaxSpread, moment.windowMinSpread, thresholds)) {
      this.#raise(
        this.#ratio,
        ratioOf(this.#maxSpread, this.#minSpread),
        thresholds.spreadRatio,
        moment,
        out,
      );
    }
    if (moment.windowMaxBps > thresholds.spreadBps) {
      this.#raise(this.#bps, moment.windowMaxBps, thresholds.spreadBps, moment, out);
    }
  }

  /** Clears what a silent feed has left behind: call it with the time of every tick of the quotes feed. */
  onTick(timeUs: Micros, out: Signal[]): void {
    if (timeUs < this.#startUs + 2 * WINDOW_US) return;
    for (const episode of [this.#ratio, this.#bps]) {
      if (episode.isOpen) out.push(episode.clear(null, this.#thresholds.severeRatio, this.#evidence()));
    }
  }

  toState(): QuoteSignalsState {
    return [
      1,
      this.#startUs / WINDOW_US,
      this.#minSpread,
      this.#maxSpread,
      this.#maxBps,
      [this.#ratio.toState(), this.#bps.toState()],
    ];
  }

  /** Takes over what `toState` gave. */
  fromState(state: QuoteSignalsState): void {
    const [, window, minSpread, maxSpread, maxBps, episodes] = state;
    this.#startUs = window * WINDOW_US;
    this.#minSpread = minSpread;
    this.#maxSpread = maxSpread;
    this.#maxBps = maxBps;
    this.#ratio.restore(episodes[0] ?? 0);
    this.#bps.restore(episodes[1] ?? 0);
  }

  #turn(moment: QuoteMoment, out: Signal[]): void {
    const { clearRatio, severeRatio } = this.#thresholds;
    const silent = moment.windowStartUs > this.#startUs + WINDOW_US;
    if (this.#ratio.isOpen) {
      if (silent || this.#ratio.isOver(ratioOf(this.#maxSpread, this.#minSpread), clearRatio)) {
        out.push(this.#ratio.clear(moment.updateId, severeRatio, this.#evidence()));
      }
    }
    if (this.#bps.isOpen && (silent || this.#bps.isOver(this.#maxBps, clearRatio))) {
      out.push(this.#bps.clear(moment.updateId, severeRatio, this.#evidence()));
    }
    this.#startUs = moment.windowStartUs;
  }

  #raise(episode: Episode, value: number, threshold: number, moment: QuoteMoment, out: Signal[]): void {
    if (episode.isOpen) {
      episode.see(value);
      return;
    }
    out.push(
      episode.open({
        openedBy: moment.updateId,
        timeUs: moment.receivedUs,
        value,
        threshold,
        baseline: null,
        severeRatio: this.#thresholds.severeRatio,
        evidence: { ids: [moment.updateId], quantity: null, ...this.#evidence() },
      }),
    );
  }

  #evidence(): Pick<SignalEvidence, 'prices' | 'window'> {
    return {
      prices: [this.#minSpread, this.#maxSpread],
      window: { startUs: this.#startUs, endUs: this.#startUs + WINDOW_US },
    };
  }
}

/** Largest over smallest; a smallest of zero (a locked book) makes it infinite, none at all makes it 0. */
function ratioOf(max: number, min: number): number {
  return max === 0 ? 0 : max / min;
}
