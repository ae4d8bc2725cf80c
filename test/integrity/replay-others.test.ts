import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { recordings, skipWithoutRecordings } from '../recordings.ts';
import { queryCommand, replayCommand, runCommand, temporaryFolder } from './run-command.ts';

const folder = recordings ?? '';

describe('the replay of the other recordings through the commands', { skip: skipWithoutRecordings }, () => {
  const root = temporaryFolder(after);

  it('REST: minutes 14:05 and 14:06 equal the exchange’s klines on every field, and are judged equal', async () => {
    const dir = join(root, 'rest');
    const source = join(folder, 'binance-rest-2020-09-27');
    const summary = await replayCommand(source, '--symbols', 'BTCUSDT', '--data', dir);
    assert.deepEqual([summary.frames, summary.trades, summary.dead_letters], [1_007, 1_000, {}]);
    const klines = JSON.parse(readFileSync(join(source, 'klines-1m.json'), 'utf8')) as Kline[];
    for (const minute of [5, 6]) {
      const kline = klines.find(([start]) => start === Date.UTC(2020, 8, 27, 14, minute));
      assert.ok(kline !== undefined);
      const [candle] = await queryCommand(
        dir,
        `SELECT * FROM market.candles WHERE resolution = '1m' AND time = '2020-09-27 14:0${minute}:00'`,
      );
      assert.ok(candle !== undefined);
      const [, open, high, low, shut, volume, , quoteVolume, count, takerBuy, takerBuyQuote] = kline;
      assert.deepEqual(
        [candle.open, candle.high, candle.low, candle.close],
        [open, high, low, shut].map(Number),
      );
      assert.deepEqual(
        [
          candle.volume_exact,
          candle.quote_volume_exact,
          candle.taker_buy_volume_exact,
          candle.taker_buy_quote_volume_exact,
        ],
        [volume, quoteVolume, takerBuy, takerBuyQuote].map(plain),
      );
      assert.equal(candle.trade_count, count);
      assert.deepEqual([candle.coverage, candle.final, candle.audit], ['complete', true, 'equal']);
    }
    const [trade] = await queryCommand(
      dir,
      'SELECT event_time_ms, latency_ms, source, ingestion_time_ms, trade_time_us FROM market.trades ORDER BY trade_id LIMIT 1',
    ).catch(() => []);
    assert.equal(trade, undefined, 'REST trades have no event time, so there is no such column');
    const [known] = await queryCommand(
      dir,
      'SELECT source, ingestion_time_ms, trade_time_us FROM market.trades ORDER BY trade_id LIMIT 1',
    );
    assert.deepEqual(known, {
      source: 'replay',
      ingestion_time_ms: 1_601_215_442_197,
      trade_time_us: 1_601_215_442_197_000,
    });
  });

  it('REST without a symbol: one clear sentence, and nothing is made', async () => {
    const { code, out, err } = await runCommand(
      'replay',
      join(folder, 'binance-rest-2020-09-27'),
      '--data',
      join(root, 'none'),
    );
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /trades\.json names no symbol.*btcusdt-trades\.json.*--symbols/);
    assert.equal(err.trim().split('\n').length, 1);
  });

  it('2021-04-04: aggregates and klines are read, and make no candle without trades', async () => {
    const summary = await replayCommand(
      join(folder, 'binance-spot-2021-04-04'),
      '--data',
      join(root, '2021'),
    );
    const { elapsed_ms: _, ...counts } = summary;
    assert.deepEqual(counts, {
      frames: 2_028,
      skipped: 2_688,
      not_frames: 4,
      trades: 0,
      quotes: 0,
      duplicates: 0,
      gaps: 0,
      missing_ids: 0,
      dead_letters: {},
      rows: { candles: 0, spreads: 0, signals: 0, trades: 0, quotes: 0, dead_letters: 0 },
    });
  });

  it('captures two months apart: every quote is kept, and no candle is made', async () => {
    const dir = join(root, 'smoke');
    const summary = await replayCommand(join(folder, 'binance-spot-smoke'), '--data', dir);
    assert.deepEqual(
      [summary.frames, summary.skipped, summary.not_frames, summary.quotes, summary.duplicates],
      [545, 723, 3, 496, 0],
    );
    assert.deepEqual([summary.rows.quotes, summary.rows.candles], [496, 0]);
    const symbols = await queryCommand(dir, 'SELECT DISTINCT symbol FROM market.spreads ORDER BY symbol');
    assert.deepEqual(
      symbols.map(({ symbol }) => symbol),
      ['BADGERBTC', 'BLZETH', 'FTMUSDT', 'LRCBTC', 'NKNUSDT', 'SXPBTC', 'XMRBTC'],
    );
    const open = await queryCommand(dir, 'SELECT * FROM market.spreads WHERE NOT final');
    assert.deepEqual(open, []);
  });

  it('CSV: microseconds survive to the store, for all of its 48 minutes', async () => {
    const dir = join(root, 'micros');
    const source = join(folder, 'binance-spot-micros-2025-03-04');
    const summary = await replayCommand(source, '--data', dir);
    assert.deepEqual(
      [summary.frames, summary.not_frames, summary.trades, summary.duplicates, summary.dead_letters],
      [10_000, 1, 10_000, 0, {}],
    );
    assert.deepEqual([summary.rows.trades, summary.gaps], [10_000, 0]);
    const rows = await queryCommand(
      dir,
      `SELECT trade_id, trade_time_us, event_time_ms, ingestion_time_ms, price, quantity, is_buyer_maker
       FROM market.trades ORDER BY trade_id`,
    );
    const [, ...lines] = readFileSync(join(source, 'trxusdt-trades.csv'), 'utf8').trim().split('\n');
    const expected = lines.map((line) => {
      const [received, , , event, time, , id, price, quantity, maker] = line.split(',').map(Number);
      return {
        trade_id: id,
        trade_time_us: time,
        event_time_ms: (event ?? 0) / 1_000,
        ingestion_time_ms: (received ?? 0) / 1_000,
        price,
        quantity,
        is_buyer_maker: maker === 1,
      };
    });
    assert.deepEqual(rows, expected);
    const [open] = await queryCommand(dir, 'SELECT count(*) AS rows FROM market.candles WHERE NOT final');
    assert.equal(open?.rows, 0);
  });

  it('recordings years apart in one replay: all is read, and every window is final', async () => {
    const dir = join(root, 'years');
    const summary = await replayCommand(
      join(folder, 'binance-rest-2020-09-27'),
      join(folder, 'binance-spot-2021-04-04'),
      join(folder, 'binance-spot-2024-08-08', 'btcusdt_20240808.gz'),
      '--symbols',
      'BTCUSDT',
      '--data',
      dir,
    );
    assert.deepEqual(
      [summary.trades, summary.rows.trades, summary.duplicates, summary.dead_letters],
      [10_757, 10_757, 0, {}],
    );
    const [open] = await queryCommand(dir, 'SELECT count(*) AS rows FROM market.candles WHERE NOT final');
    assert.equal(open?.rows, 0);
  });
});

type Kline = [
  start: number,
  open: string,
  high: string,
  low: string,
  close: string,
  volume: string,
  end: number,
  quoteVolume: string,
  count: number,
  takerBuy: string,
  takerBuyQuote: string,
];

function plain(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
