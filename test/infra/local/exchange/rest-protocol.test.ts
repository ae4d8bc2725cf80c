import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  type Exchange,
  type ExchangeOptions,
  startExchange,
} from '../../../../infra/local/exchange/exchange.ts';
import { SimulatedSource } from '../../../../infra/local/exchange/simulated-source.ts';
import { SimulatedMarket } from '../../../../infra/local/market/simulated-market.ts';
import { ManualClock } from './manual-clock.ts';

const NOON_US = Date.UTC(2026, 10, 21, 12) * 1000;
const NOON_MS = NOON_US / 1000;
const MINUTE_MS = 60_000;

type Fields = Readonly<Record<string, unknown>>;

let clock = new ManualClock(NOON_US);
let market = new SimulatedMarket(1);
let exchange: Exchange;

async function start(options: Partial<ExchangeOptions> = {}): Promise<void> {
  clock = new ManualClock(NOON_US);
  market = new SimulatedMarket(1);
  exchange = await startExchange({ market: new SimulatedSource(market, clock), clock, ...options });
}

async function get(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: unknown }> {
  const response = await fetch(`${exchange.restUrl}/api/v3/${path}`, { headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function rows(path: string, headers: Record<string, string> = {}): Promise<Fields[]> {
  const { status, body } = await get(path, headers);
  assert.equal(status, 200, path);
  assert.ok(Array.isArray(body));
  return body;
}

const scaled = (text: unknown): bigint => BigInt(String(text).replace('.', ''));

describe('the REST protocol of the local exchange', () => {
  beforeEach(() => start());
  afterEach(() => exchange.close());

  it('answers ping and time, in milliseconds, or in microseconds by header', async () => {
    assert.deepEqual((await get('ping')).body, {});
    clock.advance(0.123);
    assert.deepEqual((await get('time')).body, { serverTime: NOON_MS });
    const micros = { 'X-MBX-TIME-UNIT': 'MICROSECOND' };
    assert.deepEqual((await get('time', micros)).body, { serverTime: NOON_US + 123 });
    const [trade] = await rows('trades?symbol=BTCUSDT&limit=1', micros);
    assert.ok(Number(trade?.time) > 1e15);
  });

  it('gives trades by id up to the present, contiguous and with their exact value', async () => {
    const [newest] = await rows('trades?symbol=BTCUSDT&limit=1');
    const last = Number(newest?.id);
    const page = await rows(`historicalTrades?symbol=BTCUSDT&fromId=${last - 2_500}&limit=1000`);
    assert.deepEqual(
      page.map(({ id }) => id),
      Array.from({ length: 1_000 }, (_, index) => last - 2_500 + index),
    );
    for (const { price, qty, quoteQty } of page) {
      assert.equal(scaled(price) * scaled(qty), scaled(quoteQty) * 100_000_000n);
    }
    assert.deepEqual(Object.keys(page[0] ?? {}), [
      'id',
      'price',
      'qty',
      'quoteQty',
      'time',
      'isBuyerMaker',
      'isBestMatch',
    ]);
    const end = await rows(`historicalTrades?symbol=BTCUSDT&fromId=${last - 9}&limit=1000`);
    assert.equal(end.at(-1)?.id, last);
    assert.deepEqual(await rows(`historicalTrades?symbol=BTCUSDT&fromId=${last + 1}`), []);
    clock.advance(10_000);
    assert.ok((await rows(`historicalTrades?symbol=BTCUSDT&fromId=${last + 1}`)).length > 0);
    assert.equal((await rows('historicalTrades?symbol=BTCUSDT')).length, 500);
    assert.equal((await rows('trades?symbol=BTCUSDT&limit=5000')).length, 1_000);
  });

  it('gives aggregate trades that tile the trades, by aggregate id or by time', async () => {
    const newest = await rows('aggTrades?symbol=BTCUSDT&limit=1000');
    for (const [index, { a, f }] of newest.entries()) {
      const before = newest[index - 1];
      if (before === undefined) continue;
      assert.equal(a, Number(before.a) + 1);
      assert.equal(f, Number(before.l) + 1);
    }
    const first = newest[0];
    assert.deepEqual(await rows(`aggTrades?symbol=BTCUSDT&fromId=${first?.a}&limit=1000`), newest);
    const fills = await rows(
      `historicalTrades?symbol=BTCUSDT&fromId=${first?.f}&limit=${Number(first?.l) - Number(first?.f) + 1}`,
    );
    assert.equal(
      fills.reduce((sum, { qty }) => sum + scaled(qty), 0n),
      scaled(first?.q),
    );
    const start = NOON_MS - 5 * MINUTE_MS;
    const within = await rows(
      `aggTrades?symbol=BTCUSDT&startTime=${start}&endTime=${start + 9_999}&limit=1000`,
    );
    assert.ok(
      within.length > 10 && within.every(({ T }) => Number(T) >= start && Number(T) < start + 10_000),
    );
  });

  it('gives klines equal to the fold of the trades, the open one as it stands', async () => {
    clock.advance(90_500);
    const klines = await get('klines?symbol=ETHUSDT&interval=1m&limit=3');
    assert.ok(Array.isArray(klines.body));
    assert.deepEqual(
      klines.body.map((kline) => kline[0]),
      [NOON_MS - MINUTE_MS, NOON_MS, NOON_MS + MINUTE_MS],
    );
    for (const [openTime, open, high, low, close, volume, closeTime, value, count] of klines.body) {
      const profile = market.find('ETHUSDT');
      assert.ok(profile);
      const first = market.lastTradeId(profile, openTime * 1000 - 1) + 1;
      const trades: Fields[] = [];
      while (trades.length < count) {
        trades.push(
          ...(await rows(`historicalTrades?symbol=ETHUSDT&fromId=${first + trades.length}&limit=1000`)),
        );
      }
      const inside = trades.slice(0, count);
      assert.ok(inside.every(({ time }) => Number(time) >= openTime && Number(time) <= closeTime));
      assert.ok(trades[count] === undefined || Number(trades[count].time) > closeTime);
      const prices = inside.map(({ price }) => Number(price));
      assert.deepEqual([open, close], [inside[0]?.price, inside.at(-1)?.price]);
      assert.deepEqual([Number(high), Number(low)], [Math.max(...prices), Math.min(...prices)]);
      assert.equal(
        scaled(volume),
        inside.reduce((sum, { qty }) => sum + scaled(qty), 0n),
      );
      assert.equal(
        scaled(value),
        inside.reduce((sum, { quoteQty }) => sum + scaled(quoteQty), 0n),
      );
    }
    const five = await rows(`klines?symbol=ETHUSDT&interval=5m&startTime=${NOON_MS - 1}&limit=1`);
    assert.equal(Object(five[0])[0], NOON_MS);
    const ended = await rows(`klines?symbol=ETHUSDT&interval=1m&endTime=${NOON_MS - 1}&limit=2`);
    assert.deepEqual(
      ended.map((kline) => Object(kline)[0]),
      [NOON_MS - 2 * MINUTE_MS, NOON_MS - MINUTE_MS],
    );
  });

  it('lists its symbols with their steps', async () => {
    const all = Object((await get('exchangeInfo')).body);
    assert.ok(all.symbols.length >= 20);
    const one = Object((await get('exchangeInfo?symbol=BTCUSDT')).body);
    assert.equal(one.symbols.length, 1);
    assert.equal(one.symbols[0].status, 'TRADING');
    assert.equal(one.symbols[0].filters[0].tickSize, '0.01000000');
    const list = encodeURIComponent('["ETHUSDT","BNBUSDT"]');
    assert.deepEqual(Object((await get(`exchangeInfo?symbols=${list}`)).body).symbols.length, 2);
    assert.equal((await get('exchangeInfo?symbol=NOPE')).status, 400);
  });

  it('refuses bad requests with the codes of Binance', async () => {
    const cases: readonly (readonly [path: string, code: number])[] = [
      ['trades', -1102],
      ['trades?symbol=', -1102],
      ['trades?symbol=NOPE', -1121],
      ['trades?symbol=btc%20usdt', -1100],
      ['historicalTrades?symbol=BTCUSDT&fromId=abc', -1100],
      ['historicalTrades?symbol=BTCUSDT&fromId=-1', -1100],
      ['historicalTrades?symbol=BTCUSDT&limit=', -1105],
      ['aggTrades?symbol=BTCUSDT&fromId=1&startTime=1', -1128],
      ['klines?symbol=BTCUSDT', -1102],
      ['klines?symbol=BTCUSDT&interval=7m', -1120],
    ];
    for (const [path, code] of cases) {
      const { status, body } = await get(path);
      assert.equal(status, 400, path);
      assert.equal(Object(body).code, code, path);
    }
    assert.deepEqual((await get('trades?symbol=NOPE')).body, { code: -1121, msg: 'Invalid symbol.' });
    assert.equal((await get('order')).status, 404);
    assert.equal((await get('constructor')).status, 404);
    assert.equal((await fetch(`${exchange.restUrl}/api/v3/ping`, { method: 'POST' })).status, 405);
  });

  it('tells the weight used in the minute, by the weights of Binance', async () => {
    const paths = [
      'ping',
      'time',
      'exchangeInfo',
      'trades?symbol=BTCUSDT',
      'historicalTrades?symbol=BTCUSDT',
    ];
    paths.push('aggTrades?symbol=BTCUSDT', 'klines?symbol=BTCUSDT&interval=1m');
    const used: number[] = [];
    for (const path of paths) used.push(Number((await get(path)).headers.get('X-MBX-USED-WEIGHT-1M')));
    assert.deepEqual(used, [1, 2, 22, 47, 72, 76, 78]);
    clock.advance(MINUTE_MS);
    assert.equal((await get('ping')).headers.get('X-MBX-USED-WEIGHT-1M'), '1');
  });

  it('answers 429 beyond the budget and 418 to who goes on, both with Retry-After', async () => {
    await exchange.close();
    await start({ limits: { weightPerMinute: 50, refusalsBeforeBan: 2 } });
    clock.advance(15_000);
    for (let times = 0; times < 2; times += 1) assert.equal((await get('trades?symbol=BTCUSDT')).status, 200);
    const refused = await get('ping');
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('Retry-After'), '45');
    assert.equal(Object(refused.body).code, -1003);
    assert.equal((await get('ping')).status, 429);
    const banned = await get('ping');
    assert.equal(banned.status, 418);
    assert.equal(banned.headers.get('Retry-After'), '120');
    assert.match(Object(banned.body).msg, /banned until/);
    clock.advance(119_000);
    assert.equal((await get('ping')).headers.get('Retry-After'), '1');
    clock.advance(1_000);
    assert.equal((await get('ping')).status, 200);
  });

  it('has no historicalTrades where it stands for the market-data-only host', async () => {
    await exchange.close();
    await start({ service: 'market-data-only' });
    assert.equal((await get('historicalTrades?symbol=BTCUSDT')).status, 404);
    assert.equal((await get('aggTrades?symbol=BTCUSDT')).status, 200);
  });

  it('goes on with its ids after a restart', async () => {
    const [before] = await rows('trades?symbol=BTCUSDT&limit=1');
    await exchange.close();
    await start();
    clock.advance(3 * MINUTE_MS);
    const missed = await rows(`historicalTrades?symbol=BTCUSDT&fromId=${Number(before?.id)}&limit=1000`);
    assert.deepEqual(missed[0], before);
    assert.equal(missed.length, 1_000);
  });
});
