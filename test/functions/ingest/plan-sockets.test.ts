import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { planSockets } from '../../../functions/ingest/plan-sockets.ts';
import { STREAM_TYPES, streamName } from '../../../shared/stream-type.ts';

const BASE = { streamUrl: 'wss://host/', microseconds: false } as const;

describe('planSockets', () => {
  it('keeps trades and their witnesses apart from quotes', () => {
    const plans = planSockets({ ...BASE, symbols: ['BTCUSDT', 'ETHUSDT'], streams: STREAM_TYPES });
    assert.deepEqual(
      plans.map((plan) => [plan.name, plan.url]),
      [
        [
          't0',
          'wss://host/stream?streams=btcusdt@trade/btcusdt@aggTrade/btcusdt@kline_1m/ethusdt@trade/ethusdt@aggTrade/ethusdt@kline_1m',
        ],
        ['q0', 'wss://host/stream?streams=btcusdt@bookTicker/ethusdt@bookTicker'],
      ],
    );
  });

  it('asks for microseconds where they are wanted', () => {
    const [plan] = planSockets({ ...BASE, microseconds: true, symbols: ['BTCUSDT'], streams: ['trade'] });
    assert.equal(plan?.url, 'wss://host/stream?streams=btcusdt@trade&timeUnit=MICROSECOND');
  });

  it('carries every stream once, all of a symbol’s feed on one socket, within the limits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_500 }),
        fc.subarray([...STREAM_TYPES], { minLength: 1 }),
        (count, streams) => {
          const symbols = Array.from({ length: count }, (_, at) => `COIN${at}USDT`);
          const plans = planSockets({ ...BASE, symbols, streams });
          const carried = plans.flatMap((plan) => plan.streams).sort();
          const wanted = symbols.flatMap((symbol) => streams.map((type) => streamName(symbol, type))).sort();
          assert.deepEqual(carried, wanted);
          for (const plan of plans) assert.ok(plan.streams.length <= 1_024 && plan.url.length <= 7_500);
          for (const feed of ['trades', 'quotes'])
            assert.equal(
              new Set(plans.filter((plan) => plan.feed === feed).flatMap((plan) => plan.symbols)).size,
              plans.filter((plan) => plan.feed === feed).reduce((sum, plan) => sum + plan.symbols.length, 0),
            );
        },
      ),
      { numRuns: 30 },
    );
  });
});
