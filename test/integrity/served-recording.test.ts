import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type LiveIngest, startLiveIngest } from '../../functions/ingest/live-ingest.ts';
import { WsStreamSource } from '../../functions/ingest/ws-stream-source.ts';
import { settingsOrUsage } from '../../infra/local/cli/command-settings.ts';
import { type Exchange, startExchange } from '../../infra/local/exchange/exchange.ts';
import { RecordedSource } from '../../infra/local/exchange/recorded-source.ts';
import { openEmbeddedLog } from '../../infra/local/log/embedded-log.ts';
import { startPipeline } from '../../infra/local/pipeline/start-pipeline.ts';
import { openRecording } from '../../infra/local/recordings/recording.ts';
import { runReplay } from '../../infra/local/replay/run-replay.ts';
import { systemClock } from '../../infra/local/system-clock.ts';
import { recordings, skipWithoutRecordings } from '../recordings.ts';
import { type JsonRow, queryCommand, temporaryFolder } from './run-command.ts';
import { shiftedClock } from './shifted-clock.ts';

/** A little before the first frame, and a little after the last. */
const BEGIN_US = Date.UTC(2024, 7, 8, 23, 54, 15) * 1_000;
const END_MS = Date.UTC(2024, 7, 9, 0, 5);

const COLUMNS = [
  'symbol, resolution, time, open, high, low, close, volume_exact, quote_volume_exact, taker_buy_volume_exact',
  'taker_buy_quote_volume_exact, trade_count, first_trade_id, last_trade_id, vwap, avg_price, price_stddev',
  'buy_sell_ratio, largest_trade, whale_count, volatility_alert, volume_spike, coverage',
].join(', ');

describe('a recording served over WebSockets', { skip: skipWithoutRecordings }, () => {
  const root = temporaryFolder(after);

  it('gives the same candles as its replay, where both saw the whole window', async () => {
    const path = join(recordings ?? '', 'binance-spot-2024-08-08', 'ethusdt_20240808.gz');
    const replayed = join(root, 'replayed');
    const summary = await runReplay({
      recording: await openRecording([path]),
      description: path,
      dir: replayed,
      settings: settingsOrUsage({}, {}),
      environment: {},
      speed: 'max',
      again: false,
    });
    const served = join(root, 'served');
    await serve(path, served, summary.frames);

    const sql = `SELECT ${COLUMNS} FROM market.candles WHERE final ORDER BY symbol, resolution, time`;
    const expected = new Map((await queryCommand(replayed, sql)).map((row) => [keyOf(row), row]));
    const found = await queryCommand(served, sql);
    for (const row of found) assert.deepEqual(row, expected.get(keyOf(row)));
    const whole = [...expected.values()].filter((row) => row.coverage === 'complete');
    const finals = new Set(found.map(keyOf));
    // Live, the watermark stays 10 s behind the last trade and nothing ends the feed.
    const closed = whole.filter((row) => endOf(row) <= Date.UTC(2024, 7, 8, 23, 59, 50));
    assert.ok(closed.length > 50);
    for (const row of closed) assert.ok(finals.has(keyOf(row)), `${keyOf(row)} never became final`);
    const [trades] = await queryCommand(
      served,
      'SELECT count(*) AS rows, max(source) AS source FROM market.trades',
    );
    assert.deepEqual(trades, { rows: summary.trades, source: 'live' });
    const [quotes] = await queryCommand(served, 'SELECT count(*) AS rows FROM market.quotes');
    assert.deepEqual(quotes, { rows: summary.quotes });
  });
});

async function serve(path: string, dir: string, frames: number): Promise<void> {
  const clock = shiftedClock(BEGIN_US);
  const market = await RecordedSource.open(await openRecording([path]), systemClock, { speed: 'max' });
  const exchange: Exchange = await startExchange({ market, clock: systemClock });
  const log = openEmbeddedLog({ dir: join(dir, 'log'), clock: systemClock });
  const settings = settingsOrUsage(
    {
      SYMBOLS: 'ETHUSDT',
      STREAMS: 'trade,bookTicker',
      BINANCE_STREAM_URL: exchange.streamUrl,
      BINANCE_REST_URL: exchange.restUrl,
      HEALTH_PORT: '0',
    },
    {},
  );
  const errors: unknown[] = [];
  const pipeline = await startPipeline({
    settings,
    dir,
    log,
    clock: systemClock,
    storeClock: { nowMs: () => END_MS, retentionNowMs: () => END_MS },
    onError: (_, error) => errors.push(error),
  });
  let live: LiveIngest | undefined;
  try {
    live = await startLiveIngest(settings, {
      log,
      clock,
      random: () => 0.5,
      source: new WsStreamSource({ clock }),
      fetch: (url, init) => fetch(url, init),
      report: () => {},
      healthHost: '127.0.0.1',
    });
    await exchange.finished;
    const deadlineMs = performance.now() + 30_000;
    while (live.ingest.intake.counts.frames < frames && performance.now() < deadlineMs)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(live.ingest.intake.counts.frames, frames);
    assert.equal(live.ingest.intake.counts.gapsOpened, 0);
  } finally {
    await live?.stop();
    await pipeline.idle();
    await pipeline.stop();
    await log.close();
    await exchange.close();
  }
  assert.deepEqual(errors, []);
}

function keyOf(row: JsonRow): string {
  return `${row.symbol} ${row.resolution} ${row.time}`;
}

function endOf(row: JsonRow): number {
  const startMs = Date.parse(`${String(row.time).slice(0, 19).replace(' ', 'T')}Z`);
  const sizes: Readonly<Record<string, number>> = {
    '10s': 10_000,
    '1m': 60_000,
    '5m': 300_000,
    '15m': 900_000,
    '2m/10s': 120_000,
  };
  return startMs + (sizes[String(row.resolution)] ?? Number.POSITIVE_INFINITY);
}
