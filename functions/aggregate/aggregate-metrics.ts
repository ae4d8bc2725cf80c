import type { DimensionBounds } from '../../shared/metrics/dimension-bounds.ts';
import { OTHER } from '../../shared/metrics/dimension-bounds.ts';
import type { MetricBatch } from '../../shared/metrics/metric-batch.ts';
import { METRICS } from '../../shared/metrics/metric-catalogue.ts';
import type { MarketSymbol } from '../../shared/units.ts';
import type { AggregateCounts } from './aggregate.ts';
import type { Effects } from './effects.ts';

/**
 * Adds what one stretch of a symbol came to. A signal's gauge is told where it changes; the alarm keeps its state
 * in between.
 */
export function addFoldMetrics(
  metrics: Pick<MetricBatch, 'add'>,
  bounds: DimensionBounds,
  symbol: MarketSymbol,
  effects: Pick<Effects, 'counts' | 'signals' | 'refused'>,
): void {
  const { counts } = effects;
  if (counts.trades > 0) metrics.add(METRICS.tradesFolded, counts.trades, { Symbol: symbol });
  if (counts.quotes > 0) metrics.add(METRICS.quotesFolded, counts.quotes, { Symbol: symbol });
  for (const { reason } of effects.refused) metrics.add(METRICS.deadLetters, 1, { Reason: reason });
  for (const { signal } of effects.signals) {
    const dimensions = { Kind: signal.kind, Symbol: symbol };
    if (signal.state === 'open') metrics.add(METRICS.signalsRaised, 1, dimensions);
    // A gauge shared by many symbols would flap.
    if (bounds.bound('Symbol', symbol) === OTHER) continue;
    metrics.add(METRICS.signalsOpen, signal.state === 'open' ? 1 : 0, dimensions);
  }
}

/** Adds what the whole batch came to. */
export function addAggregateMetrics(metrics: Pick<MetricBatch, 'add'>, counts: AggregateCounts): void {
  metrics.add(METRICS.duplicates, counts.duplicates);
  metrics.add(METRICS.candlesDiffering, counts.mismatches);
  metrics.add(METRICS.stateConflicts, counts.lostRaces);
}
