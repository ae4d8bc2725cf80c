import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { scanFrame } from '../../../shared/binance/frame-scan.ts';
import { peekFrame } from '../../../shared/binance/peek-frame.ts';
import type { ReadContext } from '../../../shared/binance/raw-record.ts';
import { readRawRecord, readWhole } from '../../../shared/binance/read-raw-record.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import { encodeEvent } from '../../../shared/events/event-json.ts';
import { parseEvent } from '../../../shared/events/parse-event.ts';
import { recordings, skipWithoutRecordings } from '../../recordings.ts';
import { rawRecord } from './frames.ts';

interface RecordedFrame {
  readonly receivedUs: number;
  readonly text: string;
}

/** The frames of a recording: `<receive time, ns> <frame>` or `<receive time, s>: <frame>`. */
function framesOf(file: string): RecordedFrame[] {
  const bytes = readFileSync(join(recordings ?? '', file));
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return text.split('\n').flatMap((line) => {
    const match = /^(\d+)(?:\.(\d+))?:? (\{"stream".*)$/.exec(line);
    if (match === null) return [];
    const [, whole = '', fraction, frame = ''] = match;
    const receivedUs =
      fraction === undefined
        ? Math.floor(Number(whole) / 1000)
        : Math.round(Number(`${whole}.${fraction}`) * 1e6);
    return [{ receivedUs, text: frame }];
  });
}

/** Validates every watched frame of a file, checks its way through the log, and counts the outcomes. */
function outcomesOf(file: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { receivedUs, text } of framesOf(file)) {
    const bytes = Buffer.from(text);
    const peek = peekFrame(bytes);
    if (peek === undefined) continue;
    const record = rawRecord(bytes, { key: peek.symbol, receivedUs, source: 'replay' });
    const outcome = readRawRecord(record, DEFAULT_VALIDATION_RULES);
    assert.notEqual(outcome.kind, 'refused', `${text} ${JSON.stringify(outcome)}`);
    const name = outcome.kind === 'event' ? outcome.event.kind : outcome.kind;
    counts[name] = (counts[name] ?? 0) + 1;
    if (outcome.kind !== 'event') continue;
    assert.equal(outcome.unknownFields, 0, text);
    assert.deepEqual(parseEvent(Buffer.from(encodeEvent(outcome.event))), outcome.event);
    const context: ReadContext = {
      key: peek.symbol,
      receivedUs,
      source: 'replay',
      raw: record.raw,
      rules: DEFAULT_VALIDATION_RULES,
    };
    assert.deepEqual(readWhole(bytes, context), outcome);
    if (name === 'trade' || name === 'quote') assert.ok(scanFrame(bytes, context), `not scanned: ${text}`);
  }
  return counts;
}

const expected: readonly (readonly [string, Record<string, number>])[] = [
  ['binance-spot-2024-08-08/btcusdt_20240808.gz', { trade: 9757, quote: 28040 }],
  ['binance-spot-2024-08-08/ethusdt_20240808.gz', { trade: 6106, quote: 24077 }],
];

for (const [file, counts] of expected) {
  test(`every frame of ${file} is an event, by the scan alone`, { skip: skipWithoutRecordings }, () => {
    assert.deepEqual(outcomesOf(file), counts);
  });
}

test('every aggregate, quote and closed kline of the older recordings is an event', {
  skip: skipWithoutRecordings,
}, () => {
  const busy = outcomesOf('binance-spot-2021-04-04/frames.0');
  assert.ok(
    (busy.aggTrade ?? 0) > 1000 && (busy.ignored ?? 0) > 50 && (busy.kline ?? 0) > 0,
    JSON.stringify(busy),
  );
  for (const file of ['binance-spot-smoke/frames.20210814', 'binance-spot-smoke/frames.20211012']) {
    const quiet = outcomesOf(file);
    assert.ok((quiet.quote ?? 0) > 0 && (quiet.ignored ?? 0) > 0, JSON.stringify(quiet));
  }
});

test('every REST trade and kline is an event', { skip: skipWithoutRecordings }, () => {
  const folder = join(recordings ?? '', 'binance-rest-2020-09-27');
  const trades: { time: number }[] = JSON.parse(readFileSync(join(folder, 'trades.json'), 'utf8'));
  const klines: number[][] = JSON.parse(readFileSync(join(folder, 'klines-1m.json'), 'utf8'));
  assert.equal(trades.length, 1000);
  const timed = [
    ...trades.map((trade) => ({ value: trade, receivedUs: trade.time * 1000 })),
    ...klines.map((kline) => ({ value: kline, receivedUs: ((kline[6] ?? 0) + 1) * 1000 })),
  ];
  for (const { value, receivedUs } of timed) {
    const record = rawRecord(JSON.stringify(value), { source: 'replay', receivedUs });
    const outcome = readRawRecord(record, DEFAULT_VALIDATION_RULES);
    assert.ok(outcome.kind === 'event' && outcome.unknownFields === 0, JSON.stringify(outcome));
    assert.deepEqual(parseEvent(Buffer.from(encodeEvent(outcome.event))), outcome.event);
  }
});

test('every row of the CSV recording, as the trade frame it was, keeps its microseconds', {
  skip: skipWithoutRecordings,
}, () => {
  const file = join(recordings ?? '', 'binance-spot-micros-2025-03-04', 'trxusdt-trades.csv');
  const rows = readFileSync(file, 'utf8').trim().split(/\r?\n/).slice(1);
  assert.equal(rows.length, 10_000);
  for (const row of rows) {
    const [received, stream, e, E, T, s, t, p, q, m] = row.split(',');
    const frame = `{"stream":"${stream}","data":{"e":"${e}","E":${E},"s":"${s}","t":${t},"p":"${p}","q":"${q}","T":${T},"m":${m === '1'},"M":true}}`;
    const record = rawRecord(frame, { key: 'TRXUSDT', source: 'replay', receivedUs: Number(received) });
    const outcome = readRawRecord(record, DEFAULT_VALIDATION_RULES);
    assert.ok(outcome.kind === 'event' && outcome.event.kind === 'trade', JSON.stringify(outcome));
    assert.equal(outcome.event.tradeTimeUs, Number(T));
    assert.match(encodeEvent(outcome.event), new RegExp(`"trade_time_ms":${Math.floor(Number(T) / 1000)}`));
  }
});
