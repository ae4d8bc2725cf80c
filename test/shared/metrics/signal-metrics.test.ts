import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Signal } from '../../../shared/events/signal.ts';
import { DimensionBounds } from '../../../shared/metrics/dimension-bounds.ts';
import { MetricBatch } from '../../../shared/metrics/metric-batch.ts';
import { addSignalMetrics } from '../../../shared/metrics/signal-metrics.ts';
import { thresholdsFor } from '../../../shared/signals/thresholds.ts';
import { TradeSignals } from '../../../shared/signals/trade-signals.ts';
import { tradeMoments } from '../signals/moments.ts';

describe('the metrics of signals', () => {
  it('count what opened and say what is open, for the symbols that have their own', () => {
    const bounds = new DimensionBounds(['BTCUSDT']);
    for (const [symbol, expected] of [
      ['BTCUSDT', ['SignalsRaised volatility 1', 'SignalsOpen volatility 1', 'SignalsOpen price-spike 0']],
      ['DOGEUSDT', ['SignalsRaised volatility 1']],
    ] as const) {
      const signals = new TradeSignals(symbol, thresholdsFor(symbol));
      const out: Signal[] = [];
      const trades = [100, 110].map((price, id) => ({ id, price, quantity: 1, timeUs: 60_000_000 + id }));
      for (const { moment } of tradeMoments(trades)) signals.onTrade(moment, out);
      const batch = new MetricBatch(bounds);
      addSignalMetrics(batch, bounds, symbol, out, signals.episodes);
      const told = batch.flush(1).flatMap((line) => {
        const blob = JSON.parse(line);
        assert.equal(blob.Symbol, symbol === 'BTCUSDT' ? symbol : 'other');
        return ['SignalsRaised', 'SignalsOpen'].flatMap((name) =>
          name in blob ? [`${name} ${blob.Kind} ${blob[name]}`] : [],
        );
      });

      for (const line of expected) assert.ok(told.includes(line), `${line} in ${told}`);
      if (symbol !== 'BTCUSDT') assert.ok(told.every((line) => line.startsWith('SignalsRaised')));
    }
  });
});
