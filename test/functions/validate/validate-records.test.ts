import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RawTopicRecord, validateRecords } from '../../../functions/validate/validate-records.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import { parseDeadLetter } from '../../../shared/events/dead-letter-json.ts';
import { parseEvent } from '../../../shared/events/parse-event.ts';
import { encodeRawHeader } from '../../../shared/events/raw-header.ts';
import { REASONS } from '../../../shared/events/reasons.ts';
import { encodeRawTick } from '../../../shared/events/tick-json.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import {
  aggTradeData,
  combined,
  klineData,
  klineFigures,
  quoteData,
  RECEIVED_US,
  restKline,
  restTrade,
  tradeData,
} from '../../shared/binance/frames.ts';
import { damage, damaged } from '../../shared/events/damage.ts';

const options = { rules: DEFAULT_VALIDATION_RULES, topics: DEFAULT_TOPIC_NAMES };
const REFUSED_MS = 1_723_161_300_000;
const HEADER = encodeRawHeader({ receivedUs: RECEIVED_US, connection: 't0-1', source: 'live', frame: 7 });

function record(value: string | Uint8Array | null, change: Partial<RawTopicRecord> = {}): RawTopicRecord {
  return {
    topic: 'binance.raw.trades',
    partition: 2,
    offset: 15,
    timestampMs: 1_723_161_254_000,
    key: 'BTCUSDT',
    value: typeof value === 'string' ? Buffer.from(value) : value,
    header: HEADER,
    attempts: undefined,
    ...change,
  };
}

const tickText = (feed: 'trades' | 'quotes') =>
  encodeRawTick({
    symbol: 'BTCUSDT',
    feed,
    timeUs: RECEIVED_US,
    contiguousId: null,
    gap: null,
    beganUs: null,
    endedUs: null,
  });

test('events go to the topic of their feed, keyed by symbol, in the order of the input', () => {
  const open = { ...klineData, k: { ...klineFigures, x: false } };
  const batch = validateRecords(
    [
      combined('trade', tradeData),
      combined('bookTicker', quoteData),
      combined('aggTrade', aggTradeData),
      tickText('quotes'),
      combined('kline_1m', klineData),
      combined('kline_1m', open),
      tickText('trades'),
      'not json',
    ].map((value, offset) => record(value, { offset })),
    options,
    REFUSED_MS,
  );
  const written = batch.records.map(({ topic, key, value }) => {
    assert.equal(key, 'BTCUSDT');
    return [topic, JSON.parse(String(value)).event_type];
  });
  assert.deepEqual(written, [
    ['binance.trades', 'trade'],
    ['binance.book-ticker', 'quote'],
    ['binance.trades', 'aggTrade'],
    ['binance.book-ticker', 'tick'],
    ['binance.trades', 'kline'],
    ['binance.trades', 'tick'],
    ['binance.dlq', 'dead_letter'],
  ]);
  assert.deepEqual(batch.counts, {
    events: { trade: 1, aggTrade: 1, kline: 1, quote: 1, tick: 2 },
    ignored: 1,
    refused: { NOT_JSON: 1 },
    unknownFields: 0,
  });
});

test('a dead letter says where the record stood, when it was received and how often it was tried', () => {
  const value = combined('trade', { ...tradeData, p: '0' });
  const batch = validateRecords([record(value, { attempts: '2' })], options, REFUSED_MS);
  const letter = parseDeadLetter(Buffer.from(String(batch.records[0]?.value)));
  assert.deepEqual(letter, {
    reason: 'NOT_POSITIVE',
    error: 'A price or a quantity is zero or below. `p` is "0".',
    topic: 'binance.raw.trades',
    partition: 2,
    offset: 15,
    key: 'BTCUSDT',
    receivedMs: RECEIVED_US / 1000,
    refusedMs: REFUSED_MS,
    attempts: 3,
    payload: Buffer.from(value),
  });
});

test('a tombstone and a record without key become dead letters; without a header its timestamp counts', () => {
  const batch = validateRecords(
    [record(null, { header: 'v9|nonsense' }), record(combined('trade', tradeData), { key: null })],
    options,
    REFUSED_MS,
  );
  const letters = batch.records.map(({ value }) => parseDeadLetter(Buffer.from(String(value))));
  assert.deepEqual(
    letters.map((letter) => letter?.reason),
    ['TOMBSTONE', 'SYMBOL_NOT_KEY'],
  );
  assert.equal(letters[0]?.receivedMs, 1_723_161_254_000);
  assert.equal(batch.records[1]?.key, null);
});

const frames = [
  combined('trade', tradeData),
  combined('aggTrade', aggTradeData),
  combined('bookTicker', quoteData),
  combined('kline_1m', klineData),
  JSON.stringify(tradeData),
  JSON.stringify(restTrade),
  JSON.stringify(restKline),
  tickText('trades'),
];
/** Any JSON, and JSON that has the exchange's field names with any values. */
const anyValue = fc.jsonValue({ noUnicodeString: false } as object);
const nearFrame = fc
  .tuple(
    fc.constantFrom(tradeData, aggTradeData, quoteData, klineFigures, restTrade),
    fc.dictionary(
      fc.constantFrom(...'eEstpqTmMuabABfloxk', 'id', 'price', 'qty', 'time', '__proto__'),
      anyValue,
    ),
    fc.constantFrom('trade', 'aggTrade', 'bookTicker', 'kline_1m', ''),
  )
  .map(([base, change, stream]) => {
    const data = { ...base, ...change };
    return JSON.stringify(stream === '' ? data : { stream: `btcusdt@${stream}`, data });
  });
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  fc.json().map((text) => Buffer.from(text)),
  nearFrame.map((text) => Buffer.from(text)),
  fc
    .tuple(fc.constantFrom(...frames), fc.array(damage, { maxLength: 3 }))
    .map(([frame, damages]) => Buffer.from(damages.reduce(damaged, frame))),
);

test('whatever stands in a record, it becomes an event, is ignored, or is a dead letter with its own bytes', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      anyBytes,
      fc.constantFrom('BTCUSDT', 'BTCUSDT', 'ETHUSDT', null),
      fc.constantFrom(HEADER, HEADER, undefined, 'v1|x'),
      (value, key, header) => {
        const { records, counts } = validateRecords([record(value, { key, header })], options, REFUSED_MS);
        const [outgoing] = records;
        if (outgoing === undefined) {
          assert.equal(counts.ignored, 1);
          return;
        }
        const bytes = Buffer.from(String(outgoing.value));
        if (outgoing.topic === options.topics.deadLetters) {
          const letter = parseDeadLetter(bytes);
          assert.ok(letter !== undefined && letter.reason in REASONS);
          assert.equal(Buffer.compare(letter.payload, value), 0);
          seen.add(letter.reason);
        } else {
          const event = parseEvent(bytes);
          assert.ok(event.kind !== 'refused' && event.symbol === key, bytes.toString());
          seen.add(event.kind);
        }
      },
    ),
    { numRuns: 10_000 },
  );
  for (const expected of ['trade', 'quote', 'NOT_JSON', 'NOT_UTF8', 'UNKNOWN_EVENT', 'WRONG_TYPE']) {
    assert.ok(seen.has(expected), `no input gave ${expected}`);
  }
});

test('deeply nested JSON is refused like any other', () => {
  const value = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const { counts } = validateRecords([record(value)], options, REFUSED_MS);
  assert.equal(Object.keys(counts.refused).length, 1);
});
