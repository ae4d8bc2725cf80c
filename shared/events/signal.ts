import type { MarketSymbol, Micros } from '../units.ts';

/** What a market signal can be about. The first seven come from trades, the last two from quotes. */
export const SIGNAL_KINDS = [
  'volatility',
  'volatility-bps',
  'volume-spike',
  'volume-baseline',
  'price-spike',
  'whale',
  'imbalance',
  'wide-spread',
  'wide-spread-bps',
] as const;

export type SignalKind = (typeof SIGNAL_KINDS)[number];

/** How loudly something is told; from quiet to loud. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** What a person needs to check a signal against the exchange's own data. */
export interface SignalEvidence {
  /** The opening event's id (trade id, or `u`); once cleared, followed by the clearing event's where there is one. */
  readonly ids: readonly number[];
  /** Trades: the price of the event that this message speaks of. Quotes: the window's smallest and largest spread. */
  readonly prices: readonly number[];
  /** Base units of the opening trade; only where the trade itself is the signal. */
  readonly quantity: number | null;
  /** The window that was judged; null where the trade itself is the signal. */
  readonly window: { readonly startUs: Micros; readonly endUs: Micros } | null;
}

/**
 * A market signal. An episode is told twice with the same id: when it opens and when it clears. A whale is a
 * moment: it opens and is never cleared.
 */
export interface Signal {
  /** 16 hex digits: a hash of kind, symbol and `openedBy`, so that a repeat is recognised. */
  readonly id: string;
  readonly symbol: MarketSymbol;
  readonly kind: SignalKind;
  readonly severity: Severity;
  readonly state: 'open' | 'cleared';
  /** What was measured: at the opening event; once cleared, the highest while it was open. */
  readonly value: number;
  /** What it was held against, in the unit of `value`. */
  readonly threshold: number;
  /** The ordinary value that the threshold was made from; null where the threshold is absolute. */
  readonly baseline: number | null;
  readonly evidence: SignalEvidence;
  /** Trade id, or `u`, of the opening event. */
  readonly openedBy: number;
  /** Time of the opening event: the row's time. */
  readonly timeUs: Micros;
  /** 1 opened, 2 cleared. */
  readonly version: 1 | 2;
}

/** Whether a kind has no end: the event itself is the news. */
export function isMoment(kind: SignalKind): boolean {
  return kind === 'whale';
}
