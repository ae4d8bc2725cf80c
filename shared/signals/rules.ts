import type { Thresholds } from './thresholds.ts';

/** Whether a trade of this quote value is a whale: at or above the threshold. Also what `whale_count` counts. */
export function isWhale(quoteValue: number, thresholds: Thresholds): boolean {
  return quoteValue >= thresholds.whaleQuote;
}

/** The column `volatility_alert`: the window's price deviation is above the absolute threshold. */
export function isVolatile(priceStddev: number, thresholds: Pick<Thresholds, 'volatilityStddev'>): boolean {
  return priceStddev > thresholds.volatilityStddev;
}

/** The column `volume_spike`: the window's base volume is above the absolute threshold of a 10 s pane. */
export function isVolumeSpike(volume: number, thresholds: Pick<Thresholds, 'volumeSpike'>): boolean {
  return volume > thresholds.volumeSpike;
}

/** The column `spread_warning`: the window's largest spread is above a multiple of its smallest. */
export function isSpreadWarning(maxSpread: number, minSpread: number, thresholds: Thresholds): boolean {
  // 3 × 0.35 is 1.0499999999999998 in doubles: without the margin a spread of exactly 3 × would count as more.
  return maxSpread > thresholds.spreadRatio * minSpread * (1 + 1e-12);
}
