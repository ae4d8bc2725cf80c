import type { Signal, SignalKind } from '../events/signal.ts';
import type { MarketSymbol } from '../units.ts';
import { type DimensionBounds, OTHER } from './dimension-bounds.ts';
import type { MetricBatch } from './metric-batch.ts';
import { METRICS } from './metric-catalogue.ts';

/**
 * The metrics of one symbol's signals in a batch: what opened, and what is open at its end. Call it for every
 * symbol of the batch, also where nothing opened: the alarms stay as they are until they hear a 0.
 * Symbols without metrics of their own only count openings, since a gauge shared by many would flap.
 */
export function addSignalMetrics(
  batch: MetricBatch,
  bounds: DimensionBounds,
  symbol: MarketSymbol,
  raised: readonly Signal[],
  episodes: readonly { readonly kind: SignalKind; readonly isOpen: boolean }[],
): void {
  for (const signal of raised) {
    if (signal.symbol === symbol && signal.state === 'open') {
      batch.add(METRICS.signalsRaised, 1, { Kind: signal.kind, Symbol: symbol });
    }
  }
  if (bounds.bound('Symbol', symbol) === OTHER) return;
  for (const { kind, isOpen } of episodes) {
    batch.add(METRICS.signalsOpen, isOpen ? 1 : 0, { Kind: kind, Symbol: symbol });
  }
}
