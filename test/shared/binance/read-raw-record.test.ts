import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { peekFrame } from '../../../shared/binance/peek-frame.ts';
import type { RawOutcome } from '../../../shared/binance/raw-record.ts';
import { readRawRecord } from '../../../shared/binance/read-raw-record.ts';
import { encodeRawTick } from '../../../shared/events/tick-json.ts';
import { anyTick } from '../events/market-events.ts';
import {
  aggTradeData,
  combined,
  klineData,
  klineFigures,
  quoteData,
  RECEIVED_US,
  rawRecord,
  read,
  restAggTrade,
  restKline,
  restTrade,
  TIME_MS,
  tradeData,
} from './frames.ts';

const raw = { partition: 2, offset: 15 };

function eventOf(outcome: RawOutcome) {
  assert.ok(outcome.kind === 'event', JSON.stringify(outcome));
  return outcome.event;
}

function reasonOf(outcome: RawOutcome): string {
  return outcome.kind === 'refused' ? outcome.reason : outcome.kind;
}

test('a trade frame becomes a trade, in the current layout, the old one, a raw stream and in microseconds', () => {
  const trade = {
    kind: 'trade',
    symbol: 'BTCUSDT',
    tradeId: 3735683259,
    price: { units: 6183763, scale: 2 },
    quantity: { units: 2, scale: 2 },
    tradeTimeUs: TIME_MS * 1000,
    eventTimeUs: (TIME_MS + 1) * 1000,
    isBuyerMaker: true,
    receivedUs: RECEIVED_US,
    source: 'live',
    raw,
  };
  const { T, m, M, ...before } = tradeData;
  const old = { ...before, b: 88, a: 99, T, m, M };
  assert.deepEqual(read(combined('trade', tradeData)), { kind: 'event', event: trade, unknownFields: 0 });
  assert.deepEqual(read(combined('trade', old)), { kind: 'event', event: trade, unknownFields: 0 });
  assert.deepEqual(read(tradeData), { kind: 'event', event: trade, unknownFields: 0 });
  const micros = { ...tradeData, E: tradeData.E * 1000 + 7, T: T * 1000 + 5 };
  assert.deepEqual(eventOf(read(combined('trade', micros))), {
    ...trade,
    eventTimeUs: micros.E,
    tradeTimeUs: micros.T,
  });
});

test('aggregates, quotes, closed klines and REST objects become their events', () => {
  const aggTrade = eventOf(read(combined('aggTrade', aggTradeData)));
  assert.ok(aggTrade.kind === 'aggTrade' && aggTrade.firstTradeId === 745522877);
  const quote = eventOf(read(combined('bookTicker', quoteData)));
  assert.ok(quote.kind === 'quote' && quote.updateId === 50093239212);
  assert.deepEqual(eventOf(read(quoteData)), quote);
  const kline = eventOf(read(combined('kline_1m', klineData)));
  assert.ok(kline.kind === 'kline' && kline.lastTradeId === 170 && kline.endTimeUs === 1723161300000000);

  const rest = eventOf(read(restTrade, { source: 'backfill' }));
  assert.ok(rest.kind === 'trade' && rest.eventTimeUs === null && rest.symbol === 'BTCUSDT');
  const restAggregate = eventOf(read(restAggTrade, { source: 'backfill' }));
  assert.ok(restAggregate.kind === 'aggTrade' && restAggregate.eventTimeUs === null);
  const candle = eventOf(read(restKline, { source: 'replay' }));
  assert.ok(candle.kind === 'kline' && candle.firstTradeId === null && candle.tradeCount === 416);
  assert.deepEqual(candle.quoteVolume, { units: 32331375557049, scale: 8 });
});

test('open klines and the notice of a shutdown are ignored', () => {
  const open = { ...klineData, k: { ...klineFigures, x: false } };
  assert.equal(read(combined('kline_1m', open)).kind, 'ignored');
  assert.equal(read({ e: 'serverShutdown', E: TIME_MS }).kind, 'ignored');
  const notice = { stream: '!serverShutdown', data: { e: 'serverShutdown', E: TIME_MS } };
  assert.equal(read(notice, { key: null }).kind, 'ignored');
});

test('a tick of ingest comes back as it was written', () => {
  fc.assert(
    fc.property(anyTick, (tick) => {
      const { receivedUs, source, symbol } = tick;
      const outcome = read(encodeRawTick(tick), { key: symbol, source, receivedUs });
      const isAhead = tick.timeUs - receivedUs > 3_600_000_000;
      if (isAhead) assert.equal(reasonOf(outcome), 'TICK_INVALID');
      else assert.deepEqual(eventOf(outcome), { ...tick, raw });
    }),
  );
});

test('without a readable header the record counts as live, received at its own timestamp', () => {
  const record = rawRecord(combined('trade', tradeData), { timestampMs: TIME_MS });
  const event = eventOf(
    readRawRecord({ ...record, header: undefined }, { symbols: undefined, maxTimeOffUs: 1e9 }),
  );
  assert.equal(event.receivedUs, TIME_MS * 1000);
  assert.equal(event.source, 'live');
  const timeless = { ...record, header: undefined, timestampMs: -1 };
  assert.equal(
    reasonOf(readRawRecord(timeless, { symbols: undefined, maxTimeOffUs: 1e9 })),
    'RECEIVED_UNKNOWN',
  );
});

test('unknown fields are counted, not refused', () => {
  const outcome = read(combined('trade', { ...tradeData, ...{ X: 1, Y: { z: 2 } } }));
  assert.ok(outcome.kind === 'event' && outcome.unknownFields === 2);
  const envelope = read({ stream: 'btcusdt@bookTicker', data: quoteData, extra: 1 });
  assert.ok(envelope.kind === 'event' && envelope.unknownFields === 1);
});

test('every rule has its own reason', () => {
  const trade = (change: object) => reasonOf(read(combined('trade', { ...tradeData, ...change })));
  const quote = (change: object) => reasonOf(read(combined('bookTicker', { ...quoteData, ...change })));
  const agg = (change: object) => reasonOf(read(combined('aggTrade', { ...aggTradeData, ...change })));
  const kline = (change: object) =>
    reasonOf(read(combined('kline_1m', { ...klineData, ...{ k: { ...klineFigures, ...change } } })));
  const rest = (change: object) => reasonOf(read({ ...restTrade, ...change }, { source: 'backfill' }));
  const HOUR_MS = 3_600_000;
  const cases: readonly (readonly [string, string])[] = [
    [reasonOf(read('')), 'NOT_JSON'],
    [reasonOf(read('{"stream":')), 'NOT_JSON'],
    [reasonOf(read(Uint8Array.of(0x22, 0xff, 0x22))), 'NOT_UTF8'],
    [reasonOf(read('7')), 'UNKNOWN_EVENT'],
    [reasonOf(read('{}')), 'UNKNOWN_EVENT'],
    [reasonOf(read({ stream: 'btcusdt@depth', data: { e: 'depthUpdate' } })), 'UNKNOWN_EVENT'],
    [reasonOf(read({ stream: 'btcusdt@trade', data: [] })), 'WRONG_TYPE'],
    [reasonOf(read({ stream: 5, data: tradeData })), 'WRONG_TYPE'],
    [trade({ p: undefined }), 'MISSING_FIELD'],
    [trade({ e: undefined }), 'MISSING_FIELD'],
    [trade({ e: null }), 'UNKNOWN_EVENT'],
    [reasonOf(read({ ...restTrade, e: 'rest trade' })), 'UNKNOWN_EVENT'],
    [trade({ T: undefined }), 'MISSING_FIELD'],
    [trade({ p: 61837.63 }), 'WRONG_TYPE'],
    [trade({ t: '3735683259' }), 'WRONG_TYPE'],
    [trade({ m: 1 }), 'WRONG_TYPE'],
    [trade({ p: '0.00000000' }), 'NOT_POSITIVE'],
    [trade({ q: '-1' }), 'NOT_POSITIVE'],
    [trade({ p: '6e4' }), 'NOT_A_DECIMAL'],
    [trade({ p: '' }), 'NOT_A_DECIMAL'],
    [trade({ p: 'NaN' }), 'NOT_A_DECIMAL'],
    [trade({ p: '1.123456789' }), 'TOO_MANY_DIGITS'],
    [trade({ q: '1000000000000000000' }), 'TOO_MANY_DIGITS'],
    [trade({ q: `0.${'1'.repeat(40)}` }), 'TOO_MANY_DIGITS'],
    [trade({ t: -1 }), 'ID_INVALID'],
    [trade({ t: 1.5 }), 'ID_INVALID'],
    [trade({ t: 2 ** 53 }), 'ID_INVALID'],
    [trade({ T: 1_723_161_255 }), 'TIME_INVALID'],
    [trade({ T: 0 }), 'TIME_INVALID'],
    [trade({ T: TIME_MS - 2 * HOUR_MS }), 'TIME_OFF'],
    [trade({ T: TIME_MS + 2 * HOUR_MS }), 'TIME_OFF'],
    [trade({ E: TIME_MS - 2 * HOUR_MS }), 'TIME_OFF'],
    [rest({}), 'event'],
    [rest({ time: TIME_MS + 2 * HOUR_MS }), 'TIME_OFF'],
    [rest({ qty: '0' }), 'NOT_POSITIVE'],
    [reasonOf(read(combined('trade', tradeData), { key: 'ETHUSDT' })), 'SYMBOL_NOT_KEY'],
    [reasonOf(read(combined('trade', tradeData), { key: null })), 'SYMBOL_NOT_KEY'],
    [reasonOf(read(restTrade, { key: null })), 'SYMBOL_INVALID'],
    [reasonOf(read(combined('trade', { ...tradeData, s: 'btcusdt' }), { key: 'btcusdt' })), 'SYMBOL_INVALID'],
    [
      reasonOf(read(combined('trade', tradeData), {}, { symbols: new Set(['A']), maxTimeOffUs: 1e12 })),
      'SYMBOL_NOT_ALLOWED',
    ],
    [reasonOf(read({ stream: 'ethusdt@trade', data: tradeData })), 'STREAM_MISMATCH'],
    [reasonOf(read({ stream: 'btcusdt@aggTrade', data: tradeData })), 'STREAM_MISMATCH'],
    [agg({ f: 745522880 }), 'ID_RANGE'],
    [agg({ f: -1, l: -1 }), 'ID_INVALID'],
    [quote({ b: '61837.65' }), 'CROSSED_QUOTE'],
    [quote({ b: '61837.64' }), 'event'],
    [quote({ b: '0.00000000', B: '0.00000000' }), 'EMPTY_BOOK_SIDE'],
    [quote({ a: '0.00000000' }), 'NOT_POSITIVE'],
    [quote({ A: '0.00000000' }), 'NOT_POSITIVE'],
    [quote({ b: '-5' }), 'NEGATIVE_AMOUNT'],
    [quote({ u: 0.5 }), 'ID_INVALID'],
    [kline({ h: '2063.00000000' }), 'KLINE_BOUNDS'],
    [kline({ l: '2064.00000000' }), 'KLINE_BOUNDS'],
    [kline({ i: '5m' }), 'KLINE_NOT_1M'],
    [kline({ T: 1_723_161_539_999 }), 'KLINE_NOT_1M'],
    [kline({ t: 1_723_161_240_001, T: 1_723_161_300_000 }), 'KLINE_NOT_1M'],
    [kline({ f: 171 }), 'ID_RANGE'],
    [kline({ f: -1, L: -1, n: 0 }), 'event'],
    [kline({ v: '-1' }), 'NEGATIVE_AMOUNT'],
    [kline({ n: -1 }), 'ID_INVALID'],
    [kline({ s: 'ETHUSDT' }), 'STREAM_MISMATCH'],
    [kline({ x: 'yes' }), 'WRONG_TYPE'],
    [reasonOf(read(combined('kline_1m', { ...klineData, ...{ k: 5 } }))), 'WRONG_TYPE'],
    [reasonOf(read([1, 2, 3])), 'TIME_INVALID'],
    [reasonOf(read({ event_type: 'tick', symbol: 'BTCUSDT' })), 'TICK_INVALID'],
  ];
  for (const [index, [actual, expected]] of cases.entries()) assert.equal(actual, expected, `case ${index}`);
});

test('a refusal says which field and what stood there', () => {
  const outcome = read(combined('trade', { ...tradeData, p: '-0.5' }));
  assert.ok(outcome.kind === 'refused');
  assert.equal(outcome.error, 'A price or a quantity is zero or below. `p` is "-0.5".');
});

test('the envelope alone tells symbol and stream', () => {
  const peek = (text: string) => peekFrame(Buffer.from(text));
  assert.deepEqual(peek(combined('trade', tradeData)), { symbol: 'BTCUSDT', stream: 'trade' });
  assert.deepEqual(peek(combined('kline_1m', klineData)), { symbol: 'BTCUSDT', stream: 'kline_1m' });
  assert.deepEqual(peek('{"stream":"币安人生usdt@aggTrade"'), { symbol: '币安人生USDT', stream: 'aggTrade' });
  for (const text of [
    '',
    '{',
    '{"stream":"',
    '{"stream":"btcusdt',
    '{"stream":"@trade"',
    '{"stream":"a@depth"',
    '[]',
  ]) {
    assert.equal(peek(text), undefined, text);
  }
  assert.equal(peek(`{"stream":"${'a'.repeat(200)}@trade"`), undefined);
});
