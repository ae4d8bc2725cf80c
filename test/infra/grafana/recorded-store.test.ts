import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openRecording } from '../../../infra/local/recordings/recording.ts';
import { runReplay } from '../../../infra/local/replay/run-replay.ts';
import { readSettings } from '../../../shared/settings/read-settings.ts';
import { recordings, skipWithoutRecordings } from '../../recordings.ts';
import { startStore, type TestStore } from '../local/timestream/clients.ts';
import { EXPECTED_COLUMNS } from './expected-columns.ts';
import { alertQueries, dashboardQueries, queryAt, sentSql, type View } from './queries.ts';
import { bps, recordedMarket, spreadOf, sum } from './recorded-figures.ts';

const FIRST_MINUTE = Date.parse('2024-08-08T23:55:00Z');
const MINUTE = 60_000;
const RANGE: View = { fromMs: FIRST_MINUTE, toMs: FIRST_MINUTE + 5 * MINUTE - 1 };
const BTC: View = { ...RANGE, symbol: ['BTCUSDT'] };

describe('the dashboards on a replay of the recording of 2024-08-08', { skip: skipWithoutRecordings }, () => {
  const folder = recordings ?? '';
  const btc = recordings === undefined ? { trades: [], quotes: [] } : recordedMarket(folder, 'BTCUSDT');
  const eth = recordings === undefined ? { trades: [], quotes: [] } : recordedMarket(folder, 'ETHUSDT');
  let dir = '';
  let store: TestStore;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'grafana-replay-'));
    const read = readSettings({}, {});
    assert.ok(read.kind === 'settings');
    const recording = await openRecording([join(folder, 'binance-spot-2024-08-08')]);
    await runReplay({
      recording,
      description: 'test',
      dir,
      settings: read.settings,
      environment: {},
      speed: 'max',
      again: false,
    });
    store = await startStore({ dir: join(dir, 'timestream'), readOnly: true });
  });
  after(async () => {
    await store?.close();
    await rm(dir, { recursive: true, force: true });
  });

  const answer = async (place: string, view: View) =>
    (await store.result(sentSql(queryAt(place), view))).rows;
  const inMinute = <T extends { readonly timeMs: number }>(all: readonly T[], index: number): readonly T[] =>
    all.filter(({ timeMs }) => Math.floor((timeMs - FIRST_MINUTE) / MINUTE) === index);

  it('every query runs and gives its columns', async () => {
    for (const query of [...dashboardQueries(), ...alertQueries()]) {
      const expected = EXPECTED_COLUMNS[query.place];
      // No record of the recording is a dead letter: that table has no columns yet.
      const { columns } = await store.result(sentSql(query, RANGE));
      if (expected === undefined) continue;
      assert.equal(columns.map(({ name, type }) => `${name}:${type}`).join(' '), expected, query.place);
    }
  });

  it('candles of a minute are those of its recorded trades', async () => {
    const bars = await answer('market 11 A', { ...BTC, resolution: '1m', intervalMs: 10_000 });
    assert.equal(bars.length, 5);
    for (const [index, bar] of bars.entries()) {
      const trades = inMinute(btc.trades, index);
      const prices = trades.map(({ price }) => price);
      const [time, open, high, low, close, volume, vwap] = bar;
      assert.equal(time, `2024-08-08 23:5${5 + index}:00.000000000`);
      assert.deepEqual(
        [open, high, low, close],
        [prices[0], Math.max(...prices), Math.min(...prices), prices.at(-1)],
      );
      const quantity = sum(trades.map((trade) => trade.quantity));
      near(volume, quantity);
      near(vwap, sum(trades.map((trade) => trade.price * trade.quantity)) / quantity);
    }
  });

  it('the sliding average is the mean price of the two minutes that end with the bar', async () => {
    const bars = await answer('market 11 A', { ...BTC, resolution: '1m', intervalMs: 10_000 });
    const trades = btc.trades.filter(
      ({ timeMs }) => timeMs >= FIRST_MINUTE && timeMs < FIRST_MINUTE + 2 * MINUTE,
    );
    near(bars[1]?.at(-1), spreadOf(trades.map(({ price }) => price)).mean);
  });

  it('bars longer than the windows add up to the same', async () => {
    const [bar, ...more] = await answer('market 12 A', { ...BTC, intervalMs: 300_000 });
    assert.equal(more.length, 0);
    const trades = btc.trades.filter(({ timeMs }) => timeMs >= RANGE.fromMs && timeMs <= RANGE.toMs);
    const side = (isSold: boolean) =>
      sum(trades.filter(({ isBuyerMaker }) => isBuyerMaker === isSold).map(({ quantity }) => quantity));
    near(bar?.[1], side(false));
    near(bar?.[2], side(true));
    assert.deepEqual(await answer('market 13 A', { ...BTC, intervalMs: 300_000 }), [
      ['2024-08-08 23:55:00.000000000', trades.length],
    ]);
  });

  it('the table of symbols and the totals count every trade and quote of the range once', async () => {
    const table = await answer('market 2 A', { ...RANGE, intervalMs: MINUTE });
    for (const { symbol, market } of [
      { symbol: 'BTCUSDT', market: btc },
      { symbol: 'ETHUSDT', market: eth },
    ]) {
      const row = table.find(([name]) => name === symbol) ?? [];
      const trades = market.trades.filter(({ timeMs }) => timeMs >= RANGE.fromMs && timeMs <= RANGE.toMs);
      near(row[6], sum(trades.map(({ price, quantity }) => price * quantity)));
      assert.equal(row[1], trades.at(-1)?.price);
      assert.equal(row[7], trades.length);
      assert.deepEqual(row.slice(-3), ['complete', 0, 'unwitnessed']);
    }
    const all = [...btc.trades, ...eth.trades].filter(
      ({ timeMs }) => timeMs >= RANGE.fromMs && timeMs <= RANGE.toMs,
    );
    assert.deepEqual(await answer('pipeline 1 A', RANGE), [[all.length, 0, 0]]);
  });

  it('spreads are those of the recorded quotes, by receipt', async () => {
    const [row] = await answer('market 14 A', { ...BTC, intervalMs: 300_000 });
    const quotes = btc.quotes.filter(
      ({ receivedMs }) => receivedMs >= RANGE.fromMs && receivedMs < RANGE.toMs + 1,
    );
    const spreads = quotes.map(bps);
    near(row?.[1], sum(spreads) / spreads.length, 1e-6);
    near(row?.[2], Math.min(...spreads), 1e-4);
    near(row?.[3], Math.max(...spreads), 1e-6);
    const totals = await answer('pipeline 1 B', BTC);
    assert.deepEqual(totals, [[quotes.length]]);
  });

  it('z-scores and volatility are those of the recorded prices', async () => {
    const scores = await answer('risk 5 A', { ...BTC, intervalMs: 10_000 });
    const trades = btc.trades.filter(
      ({ timeMs }) => timeMs >= FIRST_MINUTE && timeMs < FIRST_MINUTE + 2 * MINUTE,
    );
    const { mean, deviation } = spreadOf(trades.map(({ price }) => price));
    assert.equal(scores[0]?.[0], '2024-08-08 23:55:00.000000000');
    near(scores[0]?.[2], ((trades.at(-1)?.price ?? 0) - mean) / deviation, 1e-6);
    const volatility = await answer('risk 4 A', { ...BTC, intervalMs: MINUTE });
    const minute = spreadOf(inMinute(btc.trades, 3).map(({ price }) => price));
    near(volatility[3]?.[2], (minute.deviation / minute.mean) * 1e4, 1e-6);
  });

  it('latency percentiles are those of the recorded times', async () => {
    const [row] = await answer('pipeline 23 A', { ...BTC, intervalMs: 300_000 });
    const sorted = btc.trades
      .filter(({ timeMs }) => timeMs >= RANGE.fromMs && timeMs <= RANGE.toMs)
      .map(({ latencyMs }) => latencyMs)
      .sort((a, b) => a - b);
    for (const [index, part] of [0.5, 0.95, 0.99].entries()) {
      const value = Number(row?.[index + 1]);
      const below = sorted.filter((latency) => latency <= value + 0.002).length / sorted.length;
      assert.ok(Math.abs(below - part) < 0.01, `${part}: ${value} has ${below} of all below it`);
    }
  });

  it('a whale of the recording stands in the list of windows with whales', async () => {
    const whales = await answer('risk 12 A', RANGE);
    const large = [...btc.trades, ...eth.trades]
      .filter(({ timeMs }) => timeMs >= RANGE.fromMs && timeMs <= RANGE.toMs)
      .filter(({ price, quantity }) => price * quantity >= 100_000);
    assert.equal(sum(whales.map(([, , count]) => Number(count))), large.length);
    near(
      Math.max(...whales.map((row) => Number(row[3]))),
      Math.max(...large.map(({ price, quantity }) => price * quantity)),
    );
    const signals = await answer('risk 3 A', RANGE);
    assert.equal(signals.filter(([, , kind]) => kind === 'whale').length, large.length);
    const kinds = (await answer('risk 2 A', RANGE)).map(([, kind, count]) => [kind, Number(count)] as const);
    assert.equal(sum(kinds.map(([, count]) => count)), signals.length);
  });

  it('alert series end with the newest window of each symbol', async () => {
    const series = await answer('alert cmm-spread', RANGE);
    assert.deepEqual(series.map(([symbol]) => symbol).sort(), ['BTCUSDT', 'ETHUSDT']);
    const points = series.find(([symbol]) => symbol === 'BTCUSDT')?.[1];
    assert.ok(Array.isArray(points));
    const last = points.at(-1);
    assert.equal(last.time, '2024-08-08 23:59:30.000000000');
    const quotes = btc.quotes.filter(
      ({ receivedMs }) => receivedMs >= RANGE.toMs + 1 - 30_000 && receivedMs < RANGE.toMs + 1,
    );
    near(last.value, Math.max(...quotes.map(bps)), 1e-6);
  });
});

function near(actual: unknown, expected: number, part = 1e-9): void {
  const isNear = Math.abs(Number(actual) - expected) <= Math.abs(expected) * part;
  assert.ok(isNear, `${actual} is not ${expected}`);
}
