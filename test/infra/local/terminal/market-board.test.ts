import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MarketBoard } from '../../../../infra/local/terminal/market-board.ts';
import type { SymbolView } from '../../../../infra/local/terminal/monitor-view.ts';
import { candleRow, quoteRow, spreadRow, tradeRow } from './rows.ts';

const T = 1_723_161_300_000_000;
const S = 1_000_000;

function only(board: MarketBoard, nowUs = T): SymbolView {
  const [view, ...more] = board.view(nowUs);
  assert.equal(more.length, 0);
  assert.ok(view !== undefined);
  return view;
}

describe('the board of the market', () => {
  test('shows the symbols it was told of before their first row, in that order', () => {
    const board = new MarketBoard(['BTCUSDT', 'ETHUSDT']);
    assert.deepEqual(
      board.view(T).map(({ symbol, price }) => [symbol, price]),
      [
        ['BTCUSDT', null],
        ['ETHUSDT', null],
      ],
    );
  });

  test('the last price is that of the highest id, whatever the order of rows, and knows its direction', () => {
    const board = new MarketBoard();
    board.take([tradeRow('BTCUSDT', 7, T, '10.50')]);
    assert.deepEqual([only(board).price, only(board).direction], [10.5, null]);
    board.take([tradeRow('BTCUSDT', 9, T + S, '10.51'), tradeRow('BTCUSDT', 8, T, '99')]);
    assert.deepEqual([only(board).price, only(board).direction], [10.51, 'up']);
    board.take([tradeRow('BTCUSDT', 10, T + S, '10.51')]);
    assert.equal(only(board).direction, 'up');
    board.take([tradeRow('BTCUSDT', 11, T + S, '10.5')]);
    assert.deepEqual([only(board).price, only(board).direction], [10.5, 'down']);
  });

  test('prices keep the most decimals that the symbol has shown', () => {
    const board = new MarketBoard();
    board.take([tradeRow('BTCUSDT', 1, T, '61837.12'), tradeRow('BTCUSDT', 2, T, '61838')]);
    assert.equal(only(board).priceDecimals, 2);
  });

  test('the newest minute gives VWAP, volume, count and coverage; an older one changes nothing', () => {
    const board = new MarketBoard();
    const minute = { vwap: 10.4, volume: 3, trade_count: 5, coverage: 'complete' };
    board.take([candleRow('BTCUSDT', '1m', T, minute)]);
    board.take([candleRow('BTCUSDT', '1m', T - 60 * S, { ...minute, vwap: 1, coverage: 'gap' })]);
    board.take([candleRow('BTCUSDT', '5m', T, { ...minute, vwap: 2 })]);
    const { vwap, volume, tradeCount, coverage } = only(board);
    assert.deepEqual([vwap, volume, tradeCount, coverage], [10.4, 3, 5, 'complete']);
    board.take([candleRow('BTCUSDT', '1m', T, { ...minute, vwap: 10.6 })]);
    assert.equal(only(board).vwap, 10.6);
  });

  test('trades per second are counted over ten seconds of event time', () => {
    const board = new MarketBoard();
    for (let id = 0; id < 200; id += 1) board.take([tradeRow('BTCUSDT', id, T + id * 100_000, '1')]);
    assert.equal(only(board, T + 20 * S).tradesPerSecond, 10);
  });

  test('trades per second fall to zero when the trades stop', () => {
    const board = new MarketBoard();
    for (let id = 0; id < 100; id += 1) board.take([tradeRow('BTCUSDT', id, T + id * 100_000, '1')]);
    assert.equal(only(board, T + 40 * S).tradesPerSecond, 0);
  });

  test('repaired trades of long ago are not taken for the present rate', () => {
    const board = new MarketBoard();
    board.take([tradeRow('BTCUSDT', 1_000, T + 600 * S, '1')]);
    for (let id = 0; id < 500; id += 1) board.take([tradeRow('BTCUSDT', id, T + id, '1')]);
    assert.ok(only(board, T + 600 * S).tradesPerSecond <= 0.1);
  });

  test('the quote is the newest, from quotes or from spreads', () => {
    const board = new MarketBoard();
    board.take([quoteRow('BTCUSDT', T, '10.1', '10.2'), quoteRow('BTCUSDT', T - S, '9', '9.5')]);
    assert.deepEqual([only(board).bid, only(board).ask], [10.1, 10.2]);
    board.take([spreadRow('BTCUSDT', T - 60 * S, '1', '2')]);
    assert.deepEqual([only(board).bid, only(board).ask], [10.1, 10.2]);
    board.take([spreadRow('ETHUSDT', T, '3', '4')]);
    assert.deepEqual([board.view(T)[1]?.bid, board.view(T)[1]?.ask], [3, 4]);
  });

  test('latency is the median of recent trades, and repaired ones say nothing of it', () => {
    const board = new MarketBoard();
    assert.equal(only(new MarketBoard(['X'])).latencyMs, null);
    for (const [id, latency] of [5, 900, 7].entries())
      board.take([tradeRow('BTCUSDT', id, T, '1', { latency_ms: latency })]);
    board.take([tradeRow('BTCUSDT', 9, T, '1', { latency_ms: 600_000, source: 'backfill' })]);
    assert.equal(only(board).latencyMs, 7);
  });

  test('the closes are those of the newest thirty 10 s windows, in the order of time', () => {
    const board = new MarketBoard();
    for (let pane = 39; pane >= 0; pane -= 1)
      board.take([candleRow('BTCUSDT', '10s', T + pane * 10 * S, { close: 100 + pane })]);
    board.take([candleRow('BTCUSDT', '10s', T + 39 * 10 * S, { close: 7 })]);
    const { closes } = only(board);
    assert.equal(closes.length, 30);
    assert.deepEqual([closes[0], closes.at(-2), closes.at(-1)], [110, 138, 7]);
  });

  test('rows of other tables and rows without a symbol are passed over', () => {
    const board = new MarketBoard();
    board.take([{ table: 'dead_letters', dimensions: [], timeNs: '1', version: '1', columns: [] }]);
    assert.deepEqual(board.view(T), []);
  });
});
