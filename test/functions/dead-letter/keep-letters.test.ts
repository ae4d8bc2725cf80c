import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { deadLetterRow } from '../../../functions/dead-letter/dead-letter-row.ts';
import { keepLetters } from '../../../functions/dead-letter/keep-letters.ts';
import type { DeadLetterRecord } from '../../../functions/dead-letter/read-letter.ts';
import type { DeadLetter } from '../../../shared/events/dead-letter.ts';
import { encodeDeadLetter } from '../../../shared/events/dead-letter-json.ts';
import { encodeTrade } from '../../../shared/events/trade-json.ts';
import { FAILURE_HEADERS } from '../../../shared/log/failure-headers.ts';
import type { Row } from '../../../shared/row.ts';
import { anyDeadLetter } from '../../shared/events/dead-letters.ts';
import { anyTrade } from '../../shared/events/market-events.ts';

const rawTopics = { 'binance.trades': 'binance.raw.trades', 'binance.book-ticker': 'binance.raw.quotes' };

function record(value: string | Uint8Array | null, headers: Record<string, string> = {}): DeadLetterRecord {
  return {
    topic: 'binance.dlq',
    partition: 0,
    offset: 4,
    timestampMs: 1_723_161_300_000,
    key: 'BTCUSDT',
    value: typeof value === 'string' ? Buffer.from(value) : value,
    header: (name) => headers[name],
  };
}

const letter: DeadLetter = {
  reason: 'NOT_POSITIVE',
  error: 'A price or a quantity is zero or below. `p` is "0".',
  topic: 'binance.raw.trades',
  partition: 2,
  offset: 3_000_015,
  key: 'BTCUSDT',
  receivedMs: 1_723_161_254_087.897,
  refusedMs: 1_723_161_300_000,
  attempts: 1,
  payload: Buffer.from('{"p":"0"}'),
};

function columns(row: Row | undefined): Record<string, string> {
  return Object.fromEntries((row?.columns ?? []).map(({ name, value }) => [name, value]));
}

test('a letter becomes a row at the place of its source record', () => {
  const { rows, byReason } = keepLetters([record(encodeDeadLetter(letter))], rawTopics);
  assert.deepEqual(byReason, { NOT_POSITIVE: 1 });
  assert.equal(rows.length, 1);
  const [row] = rows;
  assert.deepEqual(row?.dimensions, [
    ['topic', 'binance.raw.trades'],
    ['partition', '2'],
  ]);
  assert.equal(row?.timeNs, '1723161254087000015');
  assert.equal(row?.version, '1');
  assert.deepEqual(columns(row), {
    reason: 'NOT_POSITIVE',
    error: letter.error,
    offset: '3000015',
    attempts: '1',
    received_ms: '1723161254087.897',
    size_bytes: '9',
    sha256: createHash('sha256').update('{"p":"0"}').digest('hex'),
    key: 'BTCUSDT',
    payload: '{"p":"0"}',
  });
});

test('a retried validate adds no row: the same record refused again gives the same row', () => {
  const again = { ...letter, refusedMs: letter.refusedMs + 5000 };
  assert.deepEqual(deadLetterRow(again), deadLetterRow(letter));
  const { rows, byReason } = keepLetters(
    [letter, again].map((one) => record(encodeDeadLetter(one))),
    rawTopics,
  );
  assert.equal(rows.length, 1);
  assert.deepEqual(byReason, { NOT_POSITIVE: 2 });
});

test('every row fits a record of the store: no column is empty, and all together are below 2 KB', () => {
  fc.assert(
    fc.property(
      anyDeadLetter,
      fc.string({ unit: 'binary', minLength: 500, maxLength: 2000 }),
      (one, long) => {
        for (const row of [
          deadLetterRow(one),
          deadLetterRow({ ...one, error: long, key: long, payload: Buffer.from(long) }),
        ]) {
          assert.match(row.timeNs, /^\d{19}$/);
          const sizes = row.columns.map(({ name, value }) => {
            assert.ok(value.length > 0, name);
            assert.doesNotMatch(value, /\p{Cc}/u);
            return Buffer.byteLength(name) + Buffer.byteLength(value);
          });
          assert.ok(sizes.reduce((sum, size) => sum + size, 100) < 2048);
        }
      },
    ),
  );
});

test('a raw record from the failure destination keeps the place that its headers tell', () => {
  const headers = {
    m: 'v1|1723161254087897|t0-1|live|7',
    [FAILURE_HEADERS.topic]: 'binance.raw.trades',
    [FAILURE_HEADERS.partition]: '3',
    [FAILURE_HEADERS.offset]: '77',
    [FAILURE_HEADERS.invokeCount]: '5',
    [FAILURE_HEADERS.error]: 'Task timed out',
  };
  const { rows } = keepLetters([record('{"stream":"btcusdt@trade"}', headers)], rawTopics);
  assert.deepEqual(rows[0]?.dimensions[1], ['partition', '3']);
  assert.equal(rows[0]?.timeNs, '1723161254087000077');
  const { reason, error, attempts } = columns(rows[0]);
  assert.deepEqual([reason, attempts], ['DELIVERY_FAILED', '5']);
  assert.match(error ?? '', /Task timed out/);
});

test('a validated event from the failure destination is kept at the place of its raw record', () => {
  const [trade] = fc.sample(anyTrade, 1);
  assert.ok(trade);
  const headers = {
    [FAILURE_HEADERS.topic]: 'binance.trades',
    [FAILURE_HEADERS.partition]: '1',
    [FAILURE_HEADERS.offset]: '9',
  };
  const { rows } = keepLetters([record(encodeTrade(trade), headers)], rawTopics);
  assert.deepEqual(rows[0]?.dimensions, [
    ['topic', 'binance.raw.trades'],
    ['partition', String(trade.raw.partition)],
  ]);
  assert.equal(columns(rows[0]).offset, String(trade.raw.offset));
});

test('whatever else comes to the dead letter topic is kept, and nothing throws', () => {
  fc.assert(
    fc.property(fc.option(fc.uint8Array()), (value) => {
      const { rows, byReason } = keepLetters([record(value)], rawTopics);
      assert.deepEqual(byReason, { DELIVERY_FAILED: 1 });
      assert.deepEqual(rows[0]?.dimensions[0], ['topic', 'binance.dlq']);
      assert.equal(columns(rows[0]).size_bytes, String(value?.length ?? 0));
    }),
  );
});
