import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import {
  type Exchange,
  type ExchangeOptions,
  startExchange,
} from '../../../../infra/local/exchange/exchange.ts';
import { BINANCE_LIMITS } from '../../../../infra/local/exchange/exchange-limits.ts';
import { SimulatedSource } from '../../../../infra/local/exchange/simulated-source.ts';
import { SimulatedMarket } from '../../../../infra/local/market/simulated-market.ts';
import { ManualClock } from './manual-clock.ts';
import { StreamClient, until } from './stream-client.ts';

const NOON_US = Date.UTC(2026, 10, 21, 12) * 1000;

let clock = new ManualClock(NOON_US);
let exchange: Exchange | undefined;

async function start(options: Partial<ExchangeOptions> = {}): Promise<Exchange> {
  clock = new ManualClock(NOON_US);
  const market = new SimulatedSource(new SimulatedMarket(1), clock);
  exchange = await startExchange({ market, clock, ...options });
  return exchange;
}

describe('the stream protocol of the local exchange', () => {
  afterEach(async () => {
    await exchange?.close();
    exchange = undefined;
  });

  it('wraps the frames of a combined stream and leaves those of a raw stream bare', async () => {
    const { streamUrl } = await start();
    const combined = await StreamClient.open(`${streamUrl}/stream?streams=btcusdt@trade/btcusdt@bookTicker`);
    const raw = await StreamClient.open(`${streamUrl}/ws/btcusdt@trade`);
    clock.advance(20_000);
    await until(
      'frames',
      () => raw.messages.length > 10 && combined.frames().some(({ data }) => 'u' in data),
    );
    const [frame] = combined.frames().filter(({ stream }) => stream === 'btcusdt@trade');
    assert.deepEqual(Object.keys(frame?.data ?? {}), ['e', 'E', 's', 't', 'p', 'q', 'T', 'm', 'M']);
    assert.equal(raw.messages[0], JSON.stringify(frame?.data));
    const quote = combined.frames().find(({ stream }) => stream === 'btcusdt@bookTicker');
    assert.deepEqual(Object.keys(quote?.data ?? {}), ['u', 's', 'b', 'B', 'a', 'A']);
    const ids = combined.frames().flatMap(({ data }) => (data.e === 'trade' ? [Number(data.t)] : []));
    assert.deepEqual(
      ids,
      ids.map((_, index) => (ids[0] ?? 0) + index),
    );
  });

  it('gives microseconds where they are asked for', async () => {
    const { streamUrl } = await start();
    const client = await StreamClient.open(`${streamUrl}/stream?streams=btcusdt@trade&timeUnit=MICROSECOND`);
    clock.advance(5_000);
    await until('frames', () => client.messages.length > 0);
    assert.ok(Number(client.frames()[0]?.data.T) > 1e15);
  });

  it('subscribes, lists and unsubscribes by request', async () => {
    const { streamUrl } = await start();
    const client = await StreamClient.open(`${streamUrl}/stream`);
    assert.deepEqual(await client.ask({ method: 'SUBSCRIBE', params: ['btcusdt@aggTrade'], id: 1 }), {
      result: null,
      id: 1,
    });
    clock.advance(5_000);
    await until('frames', () => client.frames().length > 0);
    assert.deepEqual(await client.ask({ method: 'LIST_SUBSCRIPTIONS', id: 'abc-3' }), {
      result: ['btcusdt@aggTrade'],
      id: 'abc-3',
    });
    clock.advance(1_000);
    assert.deepEqual(await client.ask({ method: 'UNSUBSCRIBE', params: ['btcusdt@aggTrade'], id: null }), {
      result: null,
      id: null,
    });
    const before = client.messages.length;
    clock.advance(5_000);
    await client.ask({ method: 'LIST_SUBSCRIPTIONS', id: 4 });
    assert.equal(client.messages.length, before + 1);
  });

  it('refuses requests with the codes of Binance', async () => {
    const { streamUrl } = await start();
    const client = await StreamClient.open(`${streamUrl}/ws`);
    const cases: readonly (readonly [request: unknown, code: number, text: RegExp])[] = [
      ['no json', 3, /Invalid JSON/],
      [{ id: 1 }, 2, /missing field `method`/],
      [{ method: 'SHOUT', id: 1 }, 2, /unknown variant `SHOUT`/],
      [{ method: 'SUBSCRIBE', params: ['a@b'], id: 1.5 }, 2, /request ID/],
      [{ method: 'SUBSCRIBE', params: 'a@b', id: 1 }, 2, /list of stream names/],
      [{ method: 'LIST_SUBSCRIPTIONS', params: [], id: 1 }, 2, /too many parameters/],
      [{ method: 'SET_PROPERTY', params: ['combined', 1], id: 1 }, 1, /expected Boolean/],
      [{ method: 'GET_PROPERTY', params: ['colour'], id: 1 }, 0, /Unknown property/],
      [{ method: 'GET_PROPERTY', id: 1 }, 2, /property name must be a string/],
    ];
    for (const [request, code, text] of cases) {
      const { error } = Object(await client.ask(request));
      assert.equal(error.code, code, JSON.stringify(request));
      assert.match(error.msg, text);
      clock.advance(1_000);
    }
    assert.deepEqual(await client.ask({ method: 'SET_PROPERTY', params: ['combined', true], id: 9 }), {
      result: null,
      id: 9,
    });
    assert.deepEqual(await client.ask({ method: 'GET_PROPERTY', params: ['combined'], id: 10 }), {
      result: true,
      id: 10,
    });
  });

  it('pings every 20 seconds and drops a client whose pong is missing for a minute', async () => {
    const { streamUrl } = await start();
    const mute = await StreamClient.open(`${streamUrl}/ws/blzeth@trade`, { autoPong: false });
    const good = await StreamClient.open(`${streamUrl}/ws/blzeth@trade`);
    for (let second = 0; second < 79; second += 1) {
      clock.advance(1_000);
      if ((second + 1) % 20 === 0) {
        const pings = (second + 1) / 20;
        await until(`ping ${pings}`, () => mute.pings.length === pings && good.pings.length === pings);
        mute.socket.pong('unsolicited');
        await good.ask({ method: 'LIST_SUBSCRIPTIONS', id: second });
      }
    }
    assert.equal(mute.pings[0], String(NOON_US / 1000 + 20_000));
    assert.equal(mute.closed, undefined);
    clock.advance(1_000);
    await until('the drop', () => mute.closed !== undefined);
    assert.equal(mute.closeCode(), 1006);
    clock.advance(60_000);
    assert.equal(good.closed, undefined);
  });

  it('disconnects a client that sends more than five messages a second', async () => {
    const { streamUrl } = await start();
    const client = await StreamClient.open(`${streamUrl}/ws`);
    for (let id = 1; id <= 5; id += 1) await client.ask({ method: 'LIST_SUBSCRIPTIONS', id });
    clock.advance(1_000);
    for (let id = 6; id <= 8; id += 1) await client.ask({ method: 'LIST_SUBSCRIPTIONS', id });
    client.socket.ping();
    client.socket.pong();
    assert.equal(client.closed, undefined);
    client.socket.send('{"method":"LIST_SUBSCRIPTIONS","id":9}');
    await until('the close', () => client.closed !== undefined);
    assert.deepEqual(client.closed, { code: 1008, reason: 'Too many requests' });
  });

  it('allows 1,024 streams a connection and no more', async () => {
    const { streamUrl } = await start();
    const names = Array.from({ length: 1_024 }, (_, index) => `s${index}@trade`);
    const client = await StreamClient.open(`${streamUrl}/stream?streams=${names.join('/')}`);
    const refused = Object(await client.ask({ method: 'SUBSCRIBE', params: ['one@more'], id: 1 }));
    assert.equal(refused.error.code, 2);
    await client.ask({ method: 'UNSUBSCRIBE', params: ['s0@trade'], id: 2 });
    assert.deepEqual(await client.ask({ method: 'SUBSCRIBE', params: ['one@more'], id: 3 }), {
      result: null,
      id: 3,
    });
    await assert.rejects(StreamClient.open(`${streamUrl}/stream?streams=${names.join('/')}/one@more`), /400/);
  });

  it('allows 300 connection attempts in five minutes', async () => {
    assert.equal(BINANCE_LIMITS.connectionsPerWindow, 300);
    assert.equal(BINANCE_LIMITS.connectionWindowMs, 300_000);
    const { streamUrl } = await start({ limits: { connectionsPerWindow: 3 } });
    for (let times = 0; times < 3; times += 1) await (await StreamClient.open(`${streamUrl}/ws`)).end();
    await assert.rejects(StreamClient.open(`${streamUrl}/ws`), /429/);
    clock.advance(300_000);
    await (await StreamClient.open(`${streamUrl}/ws`)).end();
  });

  it('ends a connection after 24 hours, told by serverShutdown in the form of its stream', async () => {
    const { streamUrl } = await start({ limits: { pingEveryMs: 1e9 } });
    const raw = await StreamClient.open(`${streamUrl}/ws/s@trade`);
    const combined = await StreamClient.open(`${streamUrl}/stream?streams=s@trade`);
    clock.advance(86_400_000 - 10_001);
    assert.deepEqual([raw.messages, combined.messages], [[], []]);
    clock.advance(1);
    await until('serverShutdown', () => raw.messages.length === 1 && combined.messages.length === 1);
    const event = { e: 'serverShutdown', E: NOON_US / 1000 + 86_390_000 };
    assert.deepEqual(JSON.parse(raw.messages[0] ?? ''), event);
    assert.deepEqual(JSON.parse(combined.messages[0] ?? ''), { stream: '!serverShutdown', data: event });
    assert.equal(raw.closed, undefined);
    clock.advance(10_000);
    await until('the close', () => raw.closed !== undefined && combined.closed !== undefined);
    assert.equal(raw.closeCode(), 1001);
  });

  it('drops a client that does not read, with what waits for it bounded', async () => {
    const { streamUrl } = await start({ limits: { maxBufferedBytes: 100_000, pongWithinMs: 1e9 } });
    const symbols = new SimulatedMarket(1).profiles.map(({ symbol }) => symbol.toLowerCase());
    const names = symbols.flatMap((symbol) => [
      `${symbol}@bookTicker`,
      `${symbol}@trade`,
      `${symbol}@aggTrade`,
    ]);
    const slow = await StreamClient.open(`${streamUrl}/stream?streams=${names.join('/')}`);
    const good = await StreamClient.open(`${streamUrl}/stream?streams=btcusdt@trade`);
    slow.socket.pause();
    // The kernel holds some megabytes for it before anything waits in the exchange.
    for (let times = 1; times <= 16; times += 1) {
      clock.advance(20_000);
      await until('pong', () => good.pings.length === times);
    }
    slow.socket.resume();
    await until('the drop', () => slow.closed !== undefined);
    assert.equal(slow.closeCode(), 1006);
    assert.equal(good.closed, undefined);
  });

  it('answers other paths with 404, a taken port with its number, and 451 where it is restricted', async () => {
    const { streamUrl, restUrl } = await start();
    await assert.rejects(StreamClient.open(`${streamUrl}/elsewhere`), /404/);
    const port = Number(new URL(restUrl).port);
    const market = new SimulatedSource(new SimulatedMarket(1), clock);
    await assert.rejects(startExchange({ market, clock, port }), {
      code: 'EXCHANGE_PORT_TAKEN',
      message: new RegExp(`Port ${port} `),
    });
    const restricted = await startExchange({ market, clock, service: 'restricted' });
    await assert.rejects(StreamClient.open(`${restricted.streamUrl}/ws`), /451/);
    assert.equal((await fetch(`${restricted.restUrl}/api/v3/time`)).status, 451);
    await restricted.close();
  });
});
