import {
  SEVERITIES,
  type Severity,
  type Signal,
  type SignalEvidence,
  type SignalKind,
} from '../events/signal.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import { signalId } from './signal-id.ts';

/** What opened an episode, or would. */
export interface Opening {
  readonly openedBy: number;
  readonly timeUs: Micros;
  readonly value: number;
  readonly threshold: number;
  readonly baseline: number | null;
  readonly severeRatio: number;
  readonly evidence: SignalEvidence;
}

/** An open episode in the stored state: openedBy, timeUs, peak, threshold, baseline (null where there is none). */
export type EpisodeState = readonly [number, number, number, number, number | null];

/**
 * One rule of one symbol, watched over time: closed, or open since an event. It opens once, remembers the highest
 * value, and clears at or below a part of the threshold that opened it.
 */
export class Episode {
  readonly kind: SignalKind;
  readonly #symbol: MarketSymbol;
  /** Id of the opening event; -1 while closed. */
  #openedBy = -1;
  #timeUs: Micros = 0;
  #peak = 0;
  #threshold = 0;
  #baseline: number | null = null;

  constructor(kind: SignalKind, symbol: MarketSymbol) {
    this.kind = kind;
    this.#symbol = symbol;
  }

  get isOpen(): boolean {
    return this.#openedBy >= 0;
  }

  /** Opens the episode and returns its signal. */
  open(opening: Opening): Signal {
    this.#openedBy = opening.openedBy;
    this.#timeUs = opening.timeUs;
    this.#peak = bounded(opening.value);
    // Seven digits are enough to judge by, and short in the stored state.
    this.#threshold = sevenDigits(opening.threshold);
    this.#baseline = opening.baseline === null ? null : sevenDigits(opening.baseline);
    return this.#signal('open', opening.severeRatio, opening.evidence);
  }

  /** Remembers the highest value while open. */
  see(value: number): void {
    if (value > this.#peak) this.#peak = bounded(value);
  }

  /** Whether a value is low enough for the episode to end. */
  isOver(value: number, clearRatio: number): boolean {
    return value <= clearRatio * this.#threshold;
  }

  /** Closes the episode and returns its signal; `clearedBy` null where no event of the symbol ended it. */
  clear(
    clearedBy: number | null,
    severeRatio: number,
    evidence: Pick<SignalEvidence, 'prices' | 'window'>,
  ): Signal {
    const ids = clearedBy === null ? [this.#openedBy] : [this.#openedBy, clearedBy];
    const signal = this.#signal('cleared', severeRatio, { ids, quantity: null, ...evidence });
    this.#openedBy = -1;
    return signal;
  }

  /** The open episode for the stored state; 0 while closed. */
  toState(): EpisodeState | 0 {
    if (this.#openedBy < 0) return 0;
    return [this.#openedBy, this.#timeUs, this.#peak, this.#threshold, this.#baseline];
  }

  /** Takes over a stored state. */
  restore(state: EpisodeState | 0): void {
    this.#openedBy = -1;
    if (state !== 0) [this.#openedBy, this.#timeUs, this.#peak, this.#threshold, this.#baseline] = state;
  }

  #signal(state: 'open' | 'cleared', severeRatio: number, evidence: SignalEvidence): Signal {
    return {
      id: signalId(this.kind, this.#symbol, this.#openedBy),
      symbol: this.#symbol,
      kind: this.kind,
      severity: severityOf(this.kind, this.#peak / this.#threshold, severeRatio),
      state,
      value: this.#peak,
      threshold: this.#threshold,
      baseline: this.#baseline,
      evidence,
      openedBy: this.#openedBy,
      timeUs: this.#timeUs,
      version: state === 'open' ? 1 : 2,
    };
  }
}

/** A whale starts as information, all else as a warning; far over the threshold is told one step louder. */
export function severityOf(kind: SignalKind, timesThreshold: number, severeRatio: number): Severity {
  const step = (kind === 'whale' ? 0 : 1) + (timesThreshold >= severeRatio ? 1 : 0);
  return SEVERITIES[step] ?? 'critical';
}

/** A ratio over a spread of zero is infinite, which JSON and the store cannot say. */
function bounded(value: number): number {
  return Math.min(value, 1e9);
}

function sevenDigits(value: number): number {
  return Number(value.toPrecision(7));
}
