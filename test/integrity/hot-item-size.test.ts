import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MeteredStateStore } from '../../bench/metered-state-store.ts';
import { SimulatedMarket } from '../../infra/local/market/simulated-market.ts';
import { simulatedVirtualMarket } from './virtual-market.ts';
import { VirtualPipeline } from './virtual-pipeline.ts';

const START_US = Date.UTC(2026, 10, 20, 12) * 1_000;
const SECOND_US = 1_000_000;
const STREAMS = ['trade', 'kline_1m'];

/** What DESIGN allows a hot item. */
const MOST_BYTES = 4_096;

test('the hot item of a busy symbol stays within 4 KB while frames are lost, sockets are cut and trades come late', async (t) => {
  const store = new MeteredStateStore();
  let seed = 11;
  const pipeline = new VirtualPipeline({
    startUs: START_US,
    symbols: ['BTCUSDT'],
    streams: STREAMS,
    stepUs: 100_000,
    store,
    market: (clock) =>
      simulatedVirtualMarket(
        new SimulatedMarket(5, ['BTCUSDT']),
        STREAMS.map((type) => `btcusdt@${type}`),
        clock,
      ),
    loses: () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed / 2_147_483_648 < 0.03;
    },
  });
  await pipeline.start();
  for (const [cutS, mendS] of [
    [40, 70],
    [150, 155],
    [200, 290],
  ] as const) {
    await pipeline.run(START_US + cutS * SECOND_US);
    pipeline.cut();
    await pipeline.run(START_US + mendS * SECOND_US);
    pipeline.mend();
  }
  await pipeline.run(START_US + 420 * SECOND_US);
  await pipeline.end();
  const { gapsOpened, gapsFilled } = pipeline.live.ingest.intake.counts;
  t.diagnostic(
    `${gapsOpened} gaps told, ${gapsFilled} filled, hot item ${store.largestHotBytes} bytes at most`,
  );
  assert.ok(gapsOpened > 50);
  assert.ok(store.largestHotBytes <= MOST_BYTES, `${store.largestHotBytes} bytes`);
  for (const row of pipeline.candles())
    if (row.resolution === '1m') assert.notEqual(row.coverage, 'gap', String(row.time));
});
