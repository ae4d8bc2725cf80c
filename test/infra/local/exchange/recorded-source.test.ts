import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startExchange } from '../../../../infra/local/exchange/exchange.ts';
import { RecordedSource } from '../../../../infra/local/exchange/recorded-source.ts';
import { openRecording } from '../../../../infra/local/recordings/recording.ts';
import { systemClock } from '../../../../infra/local/system-clock.ts';
import { recordings, skipWithoutRecordings } from '../../../recordings.ts';
import { ManualClock } from './manual-clock.ts';
import { StreamClient, until } from './stream-client.ts';

async function json(url: string): Promise<Record<string, unknown>[]> {
  const body: unknown = await (await fetch(url)).json();
  assert.ok(Array.isArray(body));
  return body;
}

describe('a recording served by the local exchange', { skip: skipWithoutRecordings }, () => {
  const folder = recordings ?? '';

  it('gives every frame once, byte for byte, in its order, to clients with several sockets', async () => {
    const recording = await openRecording([join(folder, 'binance-spot-2024-08-08')]);
    const market = await RecordedSource.open(recording, systemClock, { speed: 'max' });
    const exchange = await startExchange({ market, clock: systemClock });
    const trades = await StreamClient.open(
      `${exchange.streamUrl}/stream?streams=btcusdt@trade/ethusdt@trade`,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(trades.messages, [], 'it waits for who listens to the quotes');
    const quotes = await StreamClient.open(
      `${exchange.streamUrl}/stream?streams=btcusdt@bookTicker/ethusdt@bookTicker`,
    );
    await exchange.finished;
    const expected = { trade: [] as string[], bookTicker: [] as string[] };
    for await (const item of recording.items()) {
      if (item.kind !== 'frame' || item.stream === 'aggTrade' || item.stream === 'kline_1m') continue;
      expected[item.stream].push(item.bytes.toString());
    }
    await until('all frames', () => quotes.messages.length === 52_117 && trades.messages.length === 15_863);
    assert.deepEqual(trades.messages, expected.trade);
    assert.deepEqual(quotes.messages, expected.bookTicker);

    const rest = `${exchange.restUrl}/api/v3`;
    const page = await json(`${rest}/historicalTrades?symbol=BTCUSDT&fromId=3735683259&limit=1000`);
    assert.deepEqual(
      page.map(({ id }) => id),
      Array.from({ length: 1_000 }, (_, index) => 3_735_683_259 + index),
    );
    assert.deepEqual(page[0], {
      id: 3_735_683_259,
      price: '61837.63000000',
      qty: '0.02000000',
      quoteQty: '1236.75260000',
      time: 1_723_161_255_342,
      isBuyerMaker: true,
      isBestMatch: true,
    });
    assert.deepEqual(await json(`${rest}/klines?symbol=BTCUSDT&interval=1m`), []);
    const time: unknown = await (await fetch(`${rest}/time`)).json();
    assert.ok(Math.abs(Number(Object(time).serverTime) - 1_723_161_599_999) < 60_000);
    await exchange.close();
  });

  it('gives the recorded klines and aggregate trades by REST, and no others', async () => {
    const recording = await openRecording([join(folder, 'binance-spot-2021-04-04')]);
    const market = await RecordedSource.open(recording, systemClock, { speed: 'max', startWithinMs: 0 });
    const exchange = await startExchange({ market, clock: systemClock });
    const client = await StreamClient.open(`${exchange.streamUrl}/ws/btcusdt@kline_1m`);
    await exchange.finished;
    const closed = new Map<number, unknown>();
    await until('the klines', () => client.messages.length === 44);
    for (const message of client.messages) {
      const { k } = Object(JSON.parse(message));
      if (k.x) closed.set(k.t, [k.t, k.o, k.h, k.l, k.c, k.v, k.T, k.q, k.n, k.V, k.Q, '0']);
    }
    const rest = `${exchange.restUrl}/api/v3`;
    assert.ok(closed.size > 0);
    assert.deepEqual(await json(`${rest}/klines?symbol=BTCUSDT&interval=1m`), [...closed.values()]);
    const aggs = await json(`${rest}/aggTrades?symbol=BTCUSDT&limit=1000`);
    assert.equal(aggs.length, 1_000);
    assert.deepEqual(Object.keys(aggs[0] ?? {}), ['a', 'p', 'q', 'f', 'l', 'T', 'm', 'M']);
    assert.equal((await fetch(`${rest}/klines?symbol=BTCUSDT&interval=5m`)).status, 400);
    await exchange.close();
  });

  it('plays REST trades as the trades they were', async () => {
    const recording = await openRecording([join(folder, 'binance-rest-2020-09-27')], {
      symbols: ['BTCUSDT'],
    });
    const market = await RecordedSource.open(recording, systemClock, { speed: 'max', startWithinMs: 0 });
    const exchange = await startExchange({ market, clock: systemClock });
    const client = await StreamClient.open(`${exchange.streamUrl}/ws/btcusdt@trade`);
    await exchange.finished;
    await until('the trades', () => client.messages.length === 1_000);
    assert.equal(
      client.messages[0],
      '{"e":"trade","E":1601215442197,"s":"BTCUSDT","t":423831297,"p":"10683.02000000","q":"0.01247400","T":1601215442197,"m":true,"M":true}',
    );
    assert.equal((await json(`${exchange.restUrl}/api/v3/klines?symbol=BTCUSDT&interval=1m`)).length, 7);
    await exchange.close();
  });
});

describe('the pace of a served recording', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recordings-'));
    const line = (second: number): string =>
      `${1_617_566_590 + second}.500000: {"stream":"btcusdt@trade","data":{"e":"trade","t":${second},"p":"1.5","q":"2","T":${1_617_566_590_000 + second * 1000}}}`;
    await writeFile(join(folder, 'frames'), [0, 1, 2, 10].map(line).join('\n'));
  });
  after(() => rm(folder, { recursive: true }));

  it('is that of the receive times, divided by the speed, from when somebody listens; REST holds what was played', async () => {
    const clock = new ManualClock(1_700_000_000_000_000);
    const market = await RecordedSource.open(await openRecording([folder]), clock, { speed: 2 });
    const streams = new Set<string>();
    const playedAtMs: number[] = [];
    const beganUs = clock.nowUs() + 5_000_000;
    const playing = market.play({
      subscribed: () => streams,
      deliver: (frames) => playedAtMs.push(...frames.map(() => (clock.nowUs() - beganUs) / 1000)),
      drained: () => Promise.resolve(),
    });
    const played = (): readonly string[] =>
      market.trades('BTCUSDT', { kind: 'from-id', fromId: 0, limit: 9 }, 'ms');
    const advance = async (ms: number): Promise<void> => {
      for (let step = 0; step < ms; step += 10) {
        clock.advance(10);
        // The file is read for real: its turns of the event loop are not the clock's.
        for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    assert.equal(market.nowUs(), 1_617_566_590_500_000);
    await advance(5_000);
    assert.deepEqual([playedAtMs, played()], [[], []]);
    streams.add('btcusdt@trade');
    clock.advance(10);
    await until('the first frame', () => playedAtMs.length === 1);
    assert.equal(played().length, 1);
    assert.match(played()[0] ?? '', /"quoteQty":"3.00000000"/);
    await advance(1_200);
    assert.equal(played().length, 3);
    await advance(4_300);
    await playing.finished;
    const expected = [0, 500, 1_000, 5_000];
    assert.equal(playedAtMs.length, 4);
    for (const [index, at] of playedAtMs.entries()) {
      assert.ok(Math.abs(at - (expected[index] ?? 0)) <= 50, `${playedAtMs}`);
    }
    const ended = market.nowUs();
    clock.advance(30_000);
    assert.equal(market.nowUs(), ended + 30_000_000);
  });
});
