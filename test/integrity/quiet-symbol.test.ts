import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordedVirtualMarket, type VirtualFrame } from './virtual-market.ts';
import { VirtualPipeline } from './virtual-pipeline.ts';

const START_US = Date.UTC(2026, 10, 20, 12) * 1_000;
const SECOND_US = 1_000_000;
const HOUR_US = 3_600 * SECOND_US;

function trade(id: number, timeUs: number): VirtualFrame {
  const at = timeUs / 1_000;
  return {
    stream: 'blzeth@trade',
    atUs: timeUs + 20_000,
    text: `{"stream":"blzeth@trade","data":{"e":"trade","E":${at + 5},"s":"BLZETH","t":${id},"p":"0.00002540","q":"120.00000000","T":${at},"m":false,"M":true}}`,
  };
}

test('a symbol without a trade for hours: its windows close in time, no flat bar is made up, and the next trade counts', async () => {
  const times = [START_US + 5 * SECOND_US, START_US + 61 * SECOND_US, START_US + 2 * HOUR_US];
  const frames = times.map((timeUs, at) => trade(501 + at, timeUs));
  const pipeline = new VirtualPipeline({
    startUs: START_US,
    symbols: ['BLZETH'],
    streams: ['trade'],
    stepUs: SECOND_US,
    market: () => recordedVirtualMarket('BLZETH', frames),
  });
  await pipeline.start();
  await pipeline.run(START_US + 200 * SECOND_US);
  const minute = () =>
    pipeline
      .candles()
      .filter(({ resolution }) => resolution === '1m')
      .map(({ time, trade_count, final }) => [Number(time) / 1_000 - START_US, trade_count, final]);
  // The socket is alive and silent: the exchange's time over REST moves the watermark.
  assert.deepEqual(minute(), [
    [0, '1', 'true'],
    [60 * SECOND_US, '1', 'true'],
  ]);
  await pipeline.run(START_US + 2 * HOUR_US + 100 * SECOND_US);
  assert.deepEqual(minute(), [
    [0, '1', 'true'],
    [60 * SECOND_US, '1', 'true'],
    [2 * HOUR_US, '1', 'true'],
  ]);
  await pipeline.end();
  const rows = pipeline.candles();
  assert.ok(rows.every(({ coverage }) => coverage !== 'gap'));
  assert.ok(rows.every(({ revision }) => revision === '0'));
  assert.equal(pipeline.live.ingest.intake.counts.gapsOpened, 0);
});
