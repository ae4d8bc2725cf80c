import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SimulatedMarket } from '../../infra/local/market/simulated-market.ts';
import type { VirtualClock } from '../../shared/virtual-clock.ts';
import { simulatedVirtualMarket, type VirtualMarket } from './virtual-market.ts';
import { VirtualPipeline, type VirtualPipelineOptions } from './virtual-pipeline.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const START_US = Date.UTC(2026, 10, 20, 12, 0, 30) * 1_000;
const MINUTE_US = 60_000_000;
const END_US = START_US + 4 * MINUTE_US;

function options(change: Partial<VirtualPipelineOptions> = {}): VirtualPipelineOptions {
  return {
    startUs: START_US,
    symbols: SYMBOLS,
    streams: ['trade', 'aggTrade', 'kline_1m'],
    market: market((virtual) => virtual),
    ...change,
  };
}

function market(change: (virtual: VirtualMarket) => VirtualMarket): (clock: VirtualClock) => VirtualMarket {
  const streams = SYMBOLS.flatMap((symbol) =>
    ['trade', 'aggTrade', 'kline_1m'].map((type) => `${symbol.toLowerCase()}@${type}`),
  );
  return (clock) => change(simulatedVirtualMarket(new SimulatedMarket(3, SYMBOLS), streams, clock));
}

async function play(change: Partial<VirtualPipelineOptions> = {}): Promise<VirtualPipeline> {
  const pipeline = new VirtualPipeline(options(change));
  await pipeline.start();
  await pipeline.run(END_US);
  await pipeline.end();
  return pipeline;
}

/** The closed minutes of a symbol with their verdicts; the last one was cut by the end. */
function verdicts(pipeline: VirtualPipeline, symbol: string): readonly string[] {
  return pipeline
    .candles()
    .filter((row) => row.symbol === symbol && row.resolution === '1m' && row.final === 'true')
    .map((row) => `${row.coverage} ${row.audit}`);
}

const isKline = (stream: string): boolean => stream.endsWith('@kline_1m');
const audited = (pipeline: VirtualPipeline): number =>
  pipeline.reports.filter((report) => report.kind === 'audit').length;
const mismatches = (pipeline: VirtualPipeline): number =>
  pipeline.counts.reduce((sum, counts) => sum + counts.mismatches, 0);

describe('witnesses of the candles', () => {
  it('every closed minute of the simulated market is equal to the kline of its own matching', async () => {
    const pipeline = await play();
    for (const symbol of SYMBOLS) {
      const told = verdicts(pipeline, symbol);
      assert.ok(told.length >= 4, told.join());
      assert.ok(
        told.slice(0, -1).every((verdict) => verdict.endsWith(' equal')),
        told.join(),
      );
      assert.equal(told.at(-1), 'partial unwitnessed');
    }
    assert.equal(mismatches(pipeline), 0);
    assert.equal(
      pipeline.counts.reduce((sum, counts) => sum + counts.untiledAggregates, 0),
      0,
    );
  });

  it('a kline that never came is asked for over binance.audits, appended as backfill and found equal', async () => {
    const pipeline = await play({ loses: isKline });
    for (const symbol of SYMBOLS) {
      const told = verdicts(pipeline, symbol);
      // The last whole minute may close too late to be asked for.
      assert.ok(
        told.slice(0, -2).every((verdict) => verdict.endsWith(' equal')),
        told.join(),
      );
    }
    assert.ok(audited(pipeline) >= 4);
  });

  it('a wrong kline alarms nobody where the second one is right', async () => {
    let spoilt = 0;
    const pipeline = await play({
      market: market((virtual) => ({
        ...virtual,
        frames: (afterUs, upToUs) =>
          virtual.frames(afterUs, upToUs).map((frame) => {
            if (!isKline(frame.stream) || !frame.text.includes('"x":true')) return frame;
            spoilt += 1;
            return { ...frame, text: frame.text.replace(/"h":"[^"]+"/, '"h":"999999.00"') };
          }),
      })),
    });
    assert.ok(spoilt >= 4);
    assert.ok(audited(pipeline) >= 4);
    assert.equal(mismatches(pipeline), 0);
    assert.deepEqual(pipeline.mismatches, []);
    for (const symbol of SYMBOLS)
      assert.ok(
        verdicts(pipeline, symbol)
          .slice(0, -2)
          .every((verdict) => verdict.endsWith(' equal')),
      );
  });

  it('a difference is counted once REST answers again, however long it did not', async () => {
    const wrong = (text: string): string => text.replace(/"h":"[^"]+"/, '"h":"999999.00"');
    const pipeline = await play({
      market: market((virtual) => ({
        ...virtual,
        frames: (afterUs, upToUs) =>
          virtual
            .frames(afterUs, upToUs)
            .map((frame) => (isKline(frame.stream) ? { ...frame, text: wrong(frame.text) } : frame)),
        rest: (url, nowUs) => {
          const answer = virtual.rest(url, nowUs);
          if (url.pathname !== '/api/v3/klines') return answer;
          if (nowUs < START_US + 2 * MINUTE_US) return { ...answer, status: 503, body: '{}' };
          const klines = (JSON.parse(answer.body) as unknown[][]).map((kline) => kline.with(2, '999998.00'));
          return { ...answer, body: JSON.stringify(klines) };
        },
      })),
    });
    const differing = SYMBOLS.flatMap((symbol) => verdicts(pipeline, symbol)).filter((verdict) =>
      verdict.endsWith(' differs'),
    );
    assert.ok(differing.length >= 4, differing.join());
    assert.ok(mismatches(pipeline) >= differing.length - SYMBOLS.length, `${mismatches(pipeline)} counted`);
  });

  it('a candle that differs from the second kline too is counted, with a record of both sides', async () => {
    const pipeline = await play({
      loses: isKline,
      market: market((virtual) => ({
        ...virtual,
        rest: (url, nowUs) => {
          const answer = virtual.rest(url, nowUs);
          if (url.pathname !== '/api/v3/klines') return answer;
          // The third field of a REST kline is its high.
          const klines = (JSON.parse(answer.body) as unknown[][]).map((kline) => kline.with(2, '999999.00'));
          return { ...answer, body: JSON.stringify(klines) };
        },
      })),
    });
    const [record] = pipeline.mismatches;
    assert.ok(record);
    assert.equal(mismatches(pipeline), pipeline.mismatches.length);
    assert.deepEqual(record.differing, ['high']);
    assert.equal(record.exchange.high, '999999');
    assert.notEqual(record.ours.high, '999999');
    assert.ok(verdicts(pipeline, record.symbol).some((verdict) => verdict.endsWith(' differs')));
  });
});
