import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MetricResolution, Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DimensionBounds } from '../../../shared/metrics/dimension-bounds.ts';
import { encodeEmf } from '../../../shared/metrics/emf.ts';
import { MetricBatch } from '../../../shared/metrics/metric-batch.ts';
import { METRICS } from '../../../shared/metrics/metric-catalogue.ts';

describe('the embedded metric format', () => {
  it('is what Powertools writes for the same metrics', () => {
    const powertools = new Metrics({ namespace: 'MarketMonitor', defaultDimensions: {} });
    powertools.setDefaultDimensions({});
    powertools.addDimensions({ Kind: 'whale', Symbol: 'BTCUSDT' });
    powertools.addMetric('SignalsRaised', MetricUnit.Count, 2, MetricResolution.High);
    powertools.addMetric('SignalsOpen', MetricUnit.Count, 1, MetricResolution.High);
    powertools.addMetric('SignalsOpen', MetricUnit.Count, 0, MetricResolution.High);
    powertools.setTimestamp(Date.now());
    const theirs = { ...powertools.serializeMetrics() } as Record<string, unknown>;
    // Powertools always adds its `service` dimension, which our metrics do without.
    delete theirs.service;
    const text = JSON.stringify(theirs).replace('"service",', '');
    const timestampMs = JSON.parse(text)._aws.Timestamp;

    const dimensions = { Kind: 'whale', Symbol: 'BTCUSDT' };
    const [ours, ...more] = encodeEmf(
      [
        { spec: METRICS.signalsRaised, dimensions, values: [2] },
        { spec: METRICS.signalsOpen, dimensions, values: [1, 0] },
      ],
      { namespace: 'MarketMonitor', timestampMs },
    );

    assert.equal(more.length, 0);
    assert.equal(ours, text);
  });
});

describe('MetricBatch', () => {
  it('adds counts, keeps the last gauge, and groups what shares dimensions into one blob', () => {
    const batch = new MetricBatch(new DimensionBounds(['BTCUSDT', 'ETHUSDT']));
    batch.add(METRICS.rowsWritten, 3);
    batch.add(METRICS.rowsWritten, 4);
    batch.add(METRICS.gapsOpen, 2);
    batch.add(METRICS.gapsOpen, 1);
    batch.add(METRICS.tradesFolded, 5, { Symbol: 'BTCUSDT' });
    batch.add(METRICS.tradesFolded, 6, { Symbol: 'ETHUSDT' });
    const blobs = batch.flush(1000).map((line) => JSON.parse(line));

    assert.equal(blobs.length, 3);
    assert.deepEqual([blobs[0].RowsWritten, blobs[0].GapsOpen], [7, 1]);
    assert.deepEqual(blobs[1]._aws.CloudWatchMetrics[0].Dimensions, [[], ['Symbol']]);
    assert.deepEqual([blobs[2].Symbol, blobs[2].TradesFolded], ['ETHUSDT', 6]);
    assert.deepEqual(batch.flush(1000), [], 'a flushed batch is empty');
  });

  it('keeps an even sample of at most 100 values', () => {
    const batch = new MetricBatch(new DimensionBounds([]));
    for (let value = 0; value < 10_000; value += 1) batch.add(METRICS.hopLatencyMs, value, { Hop: 'feed' });
    const values: number[] = JSON.parse(batch.flush(1)[0] ?? '').HopLatencyMs;

    assert.ok(values.length >= 50 && values.length < 100, String(values.length));
    const gap = (values[1] ?? 0) - (values[0] ?? 0);
    assert.deepEqual(
      values,
      values.map((_, index) => index * gap),
    );
  });

  it('needs every dimension, and leaves out what is not a number', () => {
    const batch = new MetricBatch(new DimensionBounds([]));
    batch.add(METRICS.rowsWritten, Number.NaN);

    assert.throws(() => batch.add(METRICS.hopLatencyMs, 1), { code: 'BROKEN_INVARIANT' });
    assert.deepEqual(batch.flush(1), []);
  });

  it('bounds the number of metrics whatever is thrown at it', () => {
    const symbols = Array.from({ length: 30 }, (_, index) => `C${index}USDT`);
    const bounds = new DimensionBounds(symbols);

    assert.equal(bounds.bound('Symbol', 'C19USDT'), 'C19USDT');
    assert.equal(bounds.bound('Symbol', 'C20USDT'), 'other');
    assert.equal(new DimensionBounds(['币安人生USDT']).bound('Symbol', '币安人生USDT'), 'other');
    assert.equal(bounds.bound('Reason', 'two words'), 'other');
    const reasons = Array.from({ length: 200 }, (_, index) => bounds.bound('Reason', `R${index}`));
    assert.equal(new Set(reasons).size, 51);
  });

  it('names each metric once', () => {
    const names = Object.values(METRICS).map((metric) => metric.name);

    assert.equal(new Set(names).size, names.length);
  });
});
