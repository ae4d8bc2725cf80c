import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { MarketFrame } from '../../../../infra/local/market/market-frame.ts';
import { simulatedFrames } from '../../../../infra/local/market/simulated-frames.ts';
import { SimulatedMarket } from '../../../../infra/local/market/simulated-market.ts';

const NOON_US = Date.UTC(2026, 10, 21, 12) * 1000;
const MINUTE_US = 60_000_000;
const STREAMS = ['trade', 'aggTrade', 'bookTicker', 'kline_1m'].flatMap((type) => [
  `btcusdt@${type}`,
  `xmrbtc@${type}`,
]);

const texts = (frames: readonly MarketFrame[]): string[] =>
  frames.map((frame) => `${frame.atUs} ${frame.stream} ${frame.payload('us', 0)}`);

const payloads = (frames: readonly MarketFrame[], stream: string): Record<string, unknown>[] =>
  frames.flatMap((frame) => (frame.stream === stream ? [JSON.parse(frame.payload('ms', 0))] : []));

describe('the frames of the simulated market', () => {
  it('are the same however the span is cut', () => {
    const whole = texts(
      simulatedFrames(new SimulatedMarket(1), STREAMS, NOON_US - 3_000_000, NOON_US + 5_000_000),
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 8_000_000 }), { maxLength: 12 }), (cuts) => {
        const market = new SimulatedMarket(1);
        const edges = [0, ...cuts.sort((a, b) => a - b), 8_000_000].map((cut) => NOON_US - 3_000_000 + cut);
        const pieces = edges
          .slice(1)
          .flatMap((to, index) => simulatedFrames(market, STREAMS, edges[index] ?? 0, to));
        assert.deepEqual(texts(pieces), whole);
      }),
      { numRuns: 30 },
    );
  });

  it('send every trade once and the closed candle after the trades of its minute', () => {
    const market = new SimulatedMarket(2);
    const frames = simulatedFrames(market, STREAMS, NOON_US - 1, NOON_US + 2 * MINUTE_US + 10_000);
    const trades = payloads(frames, 'btcusdt@trade');
    const [first] = trades;
    assert.ok(first && typeof first.t === 'number');
    const from = first.t;
    assert.deepEqual(
      trades.map(({ t }) => t),
      trades.map((_, index) => from + index),
    );
    for (const frame of frames) {
      if (!frame.stream.endsWith('kline_1m')) continue;
      const { k }: { k: Record<string, unknown> } = JSON.parse(frame.payload('us', 0));
      if (k.x !== true || Number(k.t) < NOON_US) continue;
      const later = frames
        .slice(frames.indexOf(frame) + 1)
        .filter(({ stream }) => stream === 'btcusdt@trade');
      assert.ok(later.every((trade) => Number(JSON.parse(trade.payload('us', 0)).T) >= NOON_US + MINUTE_US));
      if (k.s !== 'BTCUSDT' || Number(k.t) !== NOON_US) continue;
      const inMinute = trades.filter(({ T }) => Number(T) < (NOON_US + MINUTE_US) / 1000);
      assert.equal(k.n, inMinute.length);
      assert.equal(k.T, NOON_US + MINUTE_US - 1);
      const scaled = (text: unknown): bigint => BigInt(String(text).replace('.', ''));
      assert.equal(
        scaled(k.v),
        inMinute.reduce((sum, { q }) => sum + scaled(q), 0n),
      );
      const value = inMinute.reduce((sum, { p, q }) => sum + scaled(p) * scaled(q), 0n);
      assert.equal(scaled(k.q) * 100_000_000n, value);
    }
  });

  it('tell a closed candle for every minute of a quiet symbol', () => {
    const frames = simulatedFrames(
      new SimulatedMarket(2),
      ['blzeth@kline_1m'],
      NOON_US,
      NOON_US + 30 * MINUTE_US + 5_000,
    );
    const closed = payloads(frames, 'blzeth@kline_1m').filter(({ k }) => Object(k).x === true);
    assert.equal(closed.length, 31);
    assert.ok(closed.some(({ k }) => Object(k).n === 0 && Object(k).f === -1 && Object(k).L === -1));
  });

  it('give milliseconds or microseconds, and the event time of a wrong clock', () => {
    const [frame] = simulatedFrames(new SimulatedMarket(2), ['btcusdt@trade'], NOON_US, NOON_US + MINUTE_US);
    assert.ok(frame);
    const micros = JSON.parse(frame.payload('us', 0));
    const millis = JSON.parse(frame.payload('ms', -1_500_000));
    assert.equal(micros.E, frame.atUs);
    assert.equal(millis.T, Math.floor(micros.T / 1000));
    assert.equal(millis.E, Math.floor((micros.E - 1_500_000) / 1000));
  });

  it('are none for streams and symbols that do not exist', () => {
    const frames = simulatedFrames(
      new SimulatedMarket(2),
      ['nope@trade', 'btcusdt@depth', 'BTC'],
      NOON_US,
      NOON_US + MINUTE_US,
    );
    assert.deepEqual(frames, []);
  });
});
