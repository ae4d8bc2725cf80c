import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ReplaySummary } from '../../infra/local/replay/replay-summary.ts';
import { recordings, skipWithoutRecordings } from '../recordings.ts';
import { type JsonRow, queryCommand, replayCommand, temporaryFolder } from './run-command.ts';
import { storedTables } from './stored-tables.ts';

/** The exchange's own kline of 2024-08-08T23:55:00Z, from an independent dump. */
const KLINE = {
  open: 61828,
  high: 61860.8,
  low: 61583.22,
  close: 61685.99,
  volume_exact: '199.42863',
  quote_volume_exact: '12304668.0254055',
  trade_count: 8863,
  taker_buy_volume_exact: '90.18301',
  taker_buy_quote_volume_exact: '5563967.3332507',
};

const NAMES = {
  candles: {
    double:
      'open high low close volume quote_volume taker_buy_volume taker_buy_quote_volume vwap avg_price price_stddev buy_sell_ratio largest_trade',
    bigint: 'trade_count first_trade_id last_trade_id whale_count revision',
    boolean: 'volatility_alert volume_spike final',
    varchar:
      'symbol resolution measure_name coverage audit volume_exact quote_volume_exact taker_buy_volume_exact taker_buy_quote_volume_exact',
  },
  spreads: {
    double: 'avg_spread min_spread max_spread avg_spread_bps min_spread_bps max_spread_bps last_bid last_ask',
    bigint: 'update_count',
    boolean: 'spread_warning final',
    varchar: 'symbol resolution measure_name coverage',
  },
  trades: {
    double: 'price quantity quote_value event_time_ms ingestion_time_ms latency_ms',
    bigint: 'trade_id trade_time_us',
    boolean: 'is_buyer_maker',
    varchar: 'symbol measure_name source',
  },
  quotes: {
    double: 'bid bid_quantity ask ask_quantity',
    bigint: 'update_id received_us',
    boolean: '',
    varchar: 'symbol measure_name',
  },
} as const;

describe('the replay of 2024-08-08 through the commands', { skip: skipWithoutRecordings }, () => {
  const folder = join(recordings ?? '', 'binance-spot-2024-08-08');
  const root = temporaryFolder(after);
  const dir = join(root, 'once');
  let summary: ReplaySummary;
  const query = (sql: string): Promise<readonly JsonRow[]> => queryCommand(dir, sql);

  before(async () => {
    summary = await replayCommand(folder, '--data', dir);
  });

  it('takes every frame: no gap, no duplicate, no dead letter', () => {
    const { rows, elapsed_ms, ...counts } = summary;
    assert.deepEqual(counts, {
      frames: 67_980,
      skipped: 6_885,
      not_frames: 2,
      trades: 15_863,
      quotes: 52_117,
      duplicates: 0,
      gaps: 0,
      missing_ids: 0,
      dead_letters: {},
    });
    assert.equal(rows.trades, 15_863);
    assert.equal(rows.quotes, 52_117);
    assert.equal(rows.dead_letters, 0);
    assert.ok(elapsed_ms > 0);
  });

  it('has a 5 m candle of 23:55 that equals the exchange’s kline on all nine figures', async () => {
    const [candle, ...more] = await query(
      `SELECT * FROM market.candles WHERE symbol = 'BTCUSDT' AND resolution = '5m' AND time = '2024-08-08 23:55:00'`,
    );
    assert.equal(more.length, 0);
    assert.ok(candle !== undefined);
    for (const [name, value] of Object.entries(KLINE)) assert.equal(candle[name], value, name);
    assert.deepEqual([candle.coverage, candle.final, candle.revision], ['complete', true, 0]);
  });

  it('has 1 m candles that merge to the 5 m candle', async () => {
    const minutes = await query(
      `SELECT * FROM market.candles WHERE symbol = 'BTCUSDT' AND resolution = '1m'
       AND time >= '2024-08-08 23:55:00' AND time < '2024-08-09 00:00:00' ORDER BY time`,
    );
    assert.equal(minutes.length, 5);
    const sum = (name: string): bigint =>
      minutes.reduce((total, minute) => total + units(String(minute[name])), 0n);
    for (const name of [
      'volume_exact',
      'quote_volume_exact',
      'taker_buy_volume_exact',
      'taker_buy_quote_volume_exact',
    ] as const)
      assert.equal(sum(name), units(KLINE[name]), name);
    const numbers = (name: string): number[] => minutes.map((minute) => Number(minute[name]));
    assert.equal(minutes[0]?.open, KLINE.open);
    assert.equal(minutes[4]?.close, KLINE.close);
    assert.equal(Math.max(...numbers('high')), KLINE.high);
    assert.equal(Math.min(...numbers('low')), KLINE.low);
    assert.equal(
      numbers('trade_count').reduce((a, b) => a + b),
      KLINE.trade_count,
    );
    for (const [at, minute] of minutes.entries())
      if (at > 0) assert.equal(minute.first_trade_id, Number(minutes[at - 1]?.last_trade_id) + 1);
  });

  it('keeps all 9,757 BTCUSDT trades as rows, though hundreds share a millisecond', async () => {
    const [counts] = await query(
      `SELECT count(*) AS rows, count(DISTINCT trade_id) AS ids, max(trade_id) - min(trade_id) + 1 AS span,
              count(DISTINCT trade_time_us) AS times
       FROM market.trades WHERE symbol = 'BTCUSDT'`,
    );
    assert.deepEqual([counts?.rows, counts?.ids, counts?.span], [9_757, 9_757, 9_757]);
    assert.ok(Number(counts?.times) < 4_000);
  });

  it('marks the windows that the recording’s ends cut, and no other, as partial; all are final', async () => {
    const rows = await query(
      `SELECT symbol, resolution, time, coverage, final FROM market.candles WHERE resolution IN ('10s', '1m', '5m')`,
    );
    for (const row of rows) {
      assert.equal(row.final, true);
      const startMs = Date.parse(`${String(row.time).slice(0, 19).replace(' ', 'T')}Z`);
      const sizeMs = { '10s': 10_000, '1m': 60_000, '5m': 300_000 }[String(row.resolution)] ?? 0;
      // The first and last exchange times of the recording's trades.
      const cut =
        startMs < Date.UTC(2024, 7, 8, 23, 54, 15, 343) || startMs + sizeMs > Date.UTC(2024, 7, 9, 0, 0, 1);
      assert.equal(row.coverage, cut ? 'partial' : 'complete', JSON.stringify(row));
    }
  });

  it('has spreads that are plausible and computed apart from the trades', async () => {
    const spreads = await query('SELECT * FROM market.spreads ORDER BY symbol, time');
    const computed = await query(
      `SELECT symbol, bin(from_milliseconds(received_us / 1000), 30s) AS start, count(*) AS updates,
              min(ask - bid) AS least, max(ask - bid) AS most, avg(ask - bid) AS mean,
              max_by(bid, update_id) AS last_bid, max_by(ask, update_id) AS last_ask
       FROM market.quotes GROUP BY symbol, bin(from_milliseconds(received_us / 1000), 30s) ORDER BY 1, 2`,
    );
    assert.equal(spreads.length, computed.length);
    for (const [at, spread] of spreads.entries()) {
      const own = computed[at];
      assert.ok(own !== undefined);
      assert.deepEqual(
        [spread.symbol, spread.time, spread.update_count, spread.last_bid, spread.last_ask],
        [own.symbol, own.start, own.updates, own.last_bid, own.last_ask],
      );
      close(spread.min_spread, own.least);
      close(spread.max_spread, own.most);
      close(spread.avg_spread, own.mean);
      const { min_spread_bps: least, avg_spread_bps: mean, max_spread_bps: most } = spread;
      assert.ok(Number(least) > 0 && Number(least) <= Number(mean) && Number(mean) <= Number(most));
      assert.ok(Number(most) < 20, 'a spread of two majors is a few basis points at most');
      assert.equal(spread.spread_warning, Number(spread.max_spread) > 3 * Number(spread.min_spread) + 1e-9);
    }
  });

  it('has every column of the contract with its type', async () => {
    for (const [table, types] of Object.entries(NAMES)) {
      const described = await query(`DESCRIBE "market"."${table}"`);
      const found = new Map(described.map((row) => [String(row.Column), String(row.Type)]));
      for (const [type, names] of Object.entries(types))
        for (const name of names.split(' ').filter((text) => text !== ''))
          assert.equal(found.get(name), type, `${table}.${name}`);
      assert.equal(found.get('time'), 'timestamp');
    }
  });

  it('fed again: every row as it was, every trade and quote counted as a duplicate', async () => {
    const again = join(root, 'again');
    cpSync(dir, again, { recursive: true });
    const second = await replayCommand(folder, '--data', again, '--again');
    assert.equal(second.frames, 2 * summary.frames);
    assert.equal(second.duplicates, summary.trades + summary.quotes);
    assert.deepEqual(
      [second.trades, second.quotes, second.gaps, second.dead_letters],
      [summary.trades, summary.quotes, 0, {}],
    );
    assert.deepEqual(second.rows, summary.rows);
    assert.deepEqual(await storedTables(again), await storedTables(dir));
  });

  it('started again when finished: only reports', async () => {
    const report = await replayCommand(folder, '--data', dir);
    assert.deepEqual({ ...report, elapsed_ms: 0 }, { ...summary, elapsed_ms: 0 });
  });
});

/** A decimal as an integer of 16 decimal places. */
function units(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(16, '0'));
}

function close(a: JsonRow[string] | undefined, b: JsonRow[string] | undefined): void {
  assert.ok(Math.abs(Number(a) - Number(b)) < 1e-9, `${a} and ${b}`);
}
