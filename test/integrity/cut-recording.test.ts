import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { openRecording } from '../../infra/local/recordings/recording.ts';
import type { Micros } from '../../shared/units.ts';
import { recordings, skipWithoutRecordings } from '../recordings.ts';
import { type RecordedTrade, recordedVirtualMarket, type VirtualFrame } from './virtual-market.ts';
import { VirtualPipeline, type VirtualPipelineOptions } from './virtual-pipeline.ts';

const SYMBOL = 'BTCUSDT';
const PROVENANCE: ReadonlySet<string> = new Set(['coverage', 'revision', 'reason', 'version', 'audit']);
const SECOND_US = 1_000_000;
type Candle = Readonly<Record<string, unknown>>;

/** The trade frames of the recording. Its receiver's clock was behind the exchange's: put right, as REST answers by it. */
async function tradeFrames(): Promise<readonly VirtualFrame[]> {
  const recording = await openRecording([`${recordings}/binance-spot-2024-08-08/btcusdt_20240808.gz`], {
    streams: ['trade'],
  });
  const frames: VirtualFrame[] = [];
  for await (const item of recording.items())
    if (item.kind === 'frame')
      frames.push({
        stream: 'btcusdt@trade',
        atUs: item.receivedUs + 2 * SECOND_US,
        text: item.bytes.toString(),
      });
  return frames;
}

function tradeOf(frame: VirtualFrame): RecordedTrade {
  return (JSON.parse(frame.text) as { readonly data: RecordedTrade }).data;
}

interface Played {
  readonly pipeline: VirtualPipeline;
  readonly candles: readonly Candle[];
}

async function play(
  frames: readonly VirtualFrame[],
  change: Partial<VirtualPipelineOptions> & {
    readonly cut?: { readonly fromUs: Micros; readonly toUs: Micros };
  } = {},
): Promise<Played> {
  const { cut, ...options } = change;
  const startUs = (frames[0]?.atUs ?? 0) - SECOND_US;
  const lastUs = frames.at(-1)?.atUs ?? 0;
  const pipeline = new VirtualPipeline({
    startUs,
    symbols: [SYMBOL],
    streams: ['trade'],
    market: () => recordedVirtualMarket(SYMBOL, frames),
    ...options,
  });
  await pipeline.start();
  if (cut !== undefined) {
    await pipeline.run(cut.fromUs);
    pipeline.cut();
    await pipeline.run(cut.toUs);
    pipeline.mend();
  }
  await pipeline.run(lastUs + SECOND_US);
  await pipeline.end();
  return { pipeline, candles: pipeline.candles() };
}

function market(candles: readonly Candle[], without: readonly string[] = []): readonly Candle[] {
  return candles.map((row) =>
    Object.fromEntries(
      Object.entries(row).filter(([name]) => !PROVENANCE.has(name) && !without.includes(name)),
    ),
  );
}

const coverages = (candles: readonly Candle[]): ReadonlySet<unknown> =>
  new Set(candles.map(({ coverage }) => coverage));

describe('a recording with a stretch cut out and served back by REST', {
  skip: skipWithoutRecordings,
}, () => {
  let frames: readonly VirtualFrame[] = [];
  let whole: readonly Candle[] = [];
  let fromUs = 0;

  before(async () => {
    frames = await tradeFrames();
    fromUs = (frames[0]?.atUs ?? 0) + 90 * SECOND_US;
    whole = (await play(frames)).candles;
  });

  it('played without a cut, the 5-minute candle has the figures of the exchange’s own kline', () => {
    const row = whole.find(
      ({ resolution, time }) =>
        resolution === '5m' && Number(time) === Date.UTC(2024, 7, 8, 23, 55) * 1_000_000,
    );
    assert.ok(row);
    assert.deepEqual(
      [row.open, row.high, row.low, row.close, row.volume_exact, row.quote_volume_exact, row.trade_count],
      ['61828', '61860.8', '61583.22', '61685.99', '199.42863', '12304668.0254055', '8863'],
    );
    assert.deepEqual(
      [row.taker_buy_volume_exact, row.taker_buy_quote_volume_exact, row.coverage],
      ['90.18301', '5563967.3332507', 'complete'],
    );
  });

  it('a cut of 60 s is repaired in under 10 s after reconnecting, within the weight budget, all candles equal', async () => {
    const { pipeline, candles } = await play(frames, { cut: { fromUs, toUs: fromUs + 60 * SECOND_US } });
    assert.deepEqual(market(candles), market(whole));
    assert.deepEqual(coverages(candles), new Set(['complete', 'repaired', 'partial']));
    const { reopenedUs, repairedUs } = pipeline;
    assert.ok(reopenedUs !== undefined && repairedUs !== undefined);
    assert.ok(reopenedUs >= fromUs + 60 * SECOND_US);
    const tookMs = (repairedUs - reopenedUs) / 1_000;
    assert.ok(tookMs < 10_000, `took ${tookMs} ms`);
    for (const weight of pipeline.weights.values()) assert.ok(weight <= 6_000);
    assert.ok(pipeline.live.ingest.intake.counts.backfilled > 500);
  });

  it('trades of the same millisecond on both sides of a cut are all there', async () => {
    const ids = groupOfOneMillisecond(frames);
    const [first, second] = [ids.at(2) ?? 0, ids.at(-3) ?? 0];
    // Lost from within one millisecond's trades to within those of the next busy one.
    const lost = await play(frames, {
      loses: (_stream, _atUs, text) => {
        const { t } = tradeOf({ stream: '', atUs: 0, text });
        return t >= first && t <= second;
      },
    });
    assert.ok(lost.pipeline.live.ingest.intake.counts.backfilled >= second - first + 1);
    assert.deepEqual(market(lost.candles), market(whole));
    const cutUs = (frames.find((frame) => tradeOf(frame).t === first)?.atUs ?? 0) - 1;
    const cut = await play(frames, { cut: { fromUs: cutUs, toUs: cutUs + 15 * SECOND_US } });
    assert.deepEqual(market(cut.candles), market(whole));
  });

  it('where only aggregates can be had, the windows say so and leave out what aggregates cannot tell', async () => {
    const { pipeline, candles } = await play(frames, {
      cut: { fromUs, toUs: fromUs + 20 * SECOND_US },
      aggregatesOnly: true,
    });
    assert.match(pipeline.live.repairMode(), /^by aggregates/);
    assert.equal(coverages(candles).has('gap'), false);
    const byAggregate = candles.filter(({ coverage }) => coverage === 'repaired-aggregate');
    assert.ok(byAggregate.length >= 4);
    for (const row of byAggregate)
      assert.deepEqual([row.largest_trade, row.whale_count], [undefined, undefined]);
    const hidden = ['largest_trade', 'whale_count'];
    assert.deepEqual(market(candles, hidden), market(whole, hidden));
  });

  it('payloads of the old format, with the order ids b and a, make the same candles', async () => {
    const old = frames.map((frame) => ({
      ...frame,
      text: frame.text.replace(/,"T":/, ',"b":28457,"a":28456,"T":'),
    }));
    assert.notDeepEqual(old, frames);
    assert.deepEqual((await play(old)).candles, whole);
  });

  it('trades whose T and E lie in different minutes count where T lies', async () => {
    const minuteOf = (ms: number): number => Math.floor(ms / 60_000);
    const counted = new Map<number, number>();
    let between = 0;
    const late = frames.map((frame) => {
      const { T } = tradeOf(frame);
      counted.set(minuteOf(T), (counted.get(minuteOf(T)) ?? 0) + 1);
      if (minuteOf(T + 1_500) !== minuteOf(T)) between += 1;
      return { ...frame, text: frame.text.replace(/"E":\d+/, `"E":${T + 1_500}`) };
    });
    assert.ok(between > 100);
    const { candles } = await play(late);
    assert.deepEqual(market(candles), market(whole));
    for (const row of candles.filter(({ resolution }) => resolution === '1m'))
      assert.equal(Number(row.trade_count), counted.get(minuteOf(Number(row.time) / 1e6)));
  });
});

/** The ids of the most trades in the middle of the recording that share one millisecond. */
function groupOfOneMillisecond(frames: readonly VirtualFrame[]): readonly number[] {
  const groups = Map.groupBy(frames.slice(2_000, 8_000).map(tradeOf), ({ T }) => T);
  let most: readonly RecordedTrade[] = [];
  for (const group of groups.values()) if (group.length > most.length) most = group;
  assert.ok(most.length > 20, 'a busy millisecond');
  return most.map(({ t }) => t);
}
