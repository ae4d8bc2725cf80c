import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Decimal, parseDecimal } from '../../../shared/decimal.ts';
import type { Row } from '../../../shared/row.ts';
import { CandleWriter } from '../../../shared/window/candle-writer.ts';
import { recordings, skipWithoutRecordings } from '../../recordings.ts';
import { columnsOf, finalRow, foldTrades, makeWindows, tick } from './window-fixtures.ts';

const skip = skipWithoutRecordings;
const folder = recordings ?? '';

test('the five-minute candle of 23:55 equals the kline of the exchange on all nine figures', { skip }, () => {
  const lines = gunzipSync(readFileSync(join(folder, 'binance-spot-2024-08-08', 'btcusdt_20240808.gz')));
  const windows = makeWindows('BTCUSDT');
  const writer = new CandleWriter(windows, { volatilityStddev: 2, volumeSpike: 1e9 });
  const trades = lines
    .toString('utf8')
    .split('\n')
    .filter((line) => line.includes('@trade"'))
    .map((line) => JSON.parse(line.slice(line.indexOf(' ') + 1)).data)
    .map((data) => ({ id: data.t, price: data.p, quantity: data.q, timeMs: data.T, maker: data.m }));
  assert.equal(trades.length, 9_757);
  foldTrades(windows, trades);
  windows.foldTick(tick({ endedUs: 1_723_161_601_000_000, timeUs: 1_723_161_601_000_000 }));
  const rows = takeAll(writer);
  const candle = columnsOf(finalRow(rows, '5m', Date.UTC(2024, 7, 8, 23, 55)));
  assert.deepEqual(
    {
      open: candle.open,
      high: candle.high,
      low: candle.low,
      close: candle.close,
      volume: candle.volume_exact,
      quote: candle.quote_volume_exact,
      trades: candle.trade_count,
      takerBuy: candle.taker_buy_volume_exact,
      takerBuyQuote: candle.taker_buy_quote_volume_exact,
    },
    {
      open: '61828',
      high: '61860.8',
      low: '61583.22',
      close: '61685.99',
      volume: '199.42863',
      quote: '12304668.0254055',
      trades: '8863',
      takerBuy: '90.18301',
      takerBuyQuote: '5563967.3332507',
    },
  );
  assert.equal(candle.coverage, 'complete');
});

test('the minutes of a REST answer equal its klines on every field, and are audited equal', { skip }, () => {
  const rest = join(folder, 'binance-rest-2020-09-27');
  const trades = JSON.parse(readFileSync(join(rest, 'trades.json'), 'utf8')) as RestTrade[];
  const klines = JSON.parse(readFileSync(join(rest, 'klines-1m.json'), 'utf8')) as RestKline[];
  const windows = makeWindows('BTCUSDT');
  const writer = new CandleWriter(windows, { volatilityStddev: 2, volumeSpike: 1e9 });
  foldTrades(
    windows,
    trades.map(({ id, price, qty, time, isBuyerMaker }) => ({
      id,
      price,
      quantity: qty,
      timeMs: time,
      maker: isBuyerMaker,
    })),
  );
  for (const kline of klines) windows.foldKline(klineEvent(kline));
  windows.foldTick(tick({ endedUs: (trades.at(-1)?.time ?? 0) * 1000 + 59_000_000 }));
  const rows = takeAll(writer);
  for (const minute of [5, 6]) {
    const start = Date.UTC(2020, 8, 27, 14, minute);
    const candle = columnsOf(finalRow(rows, '1m', start));
    const kline = klines.find(([open]) => open === start);
    assert.ok(kline !== undefined);
    const [, open, high, low, close, volume, , quoteVolume, count, takerBuy, takerBuyQuote] = kline;
    assert.deepEqual(
      [candle.open, candle.high, candle.low, candle.close, candle.volume_exact, candle.quote_volume_exact],
      [open, high, low, close, volume, quoteVolume].map(plain),
    );
    assert.equal(candle.trade_count, String(count));
    assert.equal(candle.taker_buy_volume_exact, plain(takerBuy));
    assert.equal(candle.taker_buy_quote_volume_exact, plain(takerBuyQuote));
    assert.equal(candle.audit, 'equal');
  }
});

type RestTrade = { id: number; price: string; qty: string; time: number; isBuyerMaker: boolean };
type RestKline = [number, string, string, string, string, string, number, string, number, string, string];

function klineEvent(kline: RestKline) {
  const [open, ...rest] = kline;
  const [o, h, l, c, volume, close, quoteVolume, count, takerBuy, takerBuyQuote] = rest;
  return {
    kind: 'kline' as const,
    symbol: 'BTCUSDT',
    openTimeUs: open * 1000,
    endTimeUs: (close + 1) * 1000,
    eventTimeUs: null,
    open: decimal(o),
    high: decimal(h),
    low: decimal(l),
    close: decimal(c),
    volume: decimal(volume),
    quoteVolume: decimal(quoteVolume),
    tradeCount: count,
    takerBuyVolume: decimal(takerBuy),
    takerBuyQuoteVolume: decimal(takerBuyQuote),
    firstTradeId: null,
    lastTradeId: null,
    receivedUs: (close + 1) * 1000,
    source: 'replay' as const,
    raw: { partition: 0, offset: 0 },
  };
}

function decimal(text: string): Decimal {
  const value = parseDecimal(text);
  assert.ok(value !== undefined, text);
  return value;
}

function plain(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function takeAll(writer: CandleWriter): readonly Row[] {
  writer.collect();
  assert.deepEqual(writer.missingBlocks(), []);
  return writer.take(0).rows;
}
