import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventBuilder } from '../../../../infra/local/event-source-mapping/event-builder.ts';
import type { LogRecord } from '../../../../shared/log/log.ts';

const builder = new EventBuilder({
  arn: 'arn:aws:kafka:eu-central-1:1:cluster/c/u',
  bootstrapServers: 'b:9098',
});

test('the event is the JSON that Lambda gives, to the last field', () => {
  const event = builder.build([
    {
      topic: 'trades',
      partition: 0,
      offset: 15,
      timestampMs: 1545084650987,
      key: Buffer.from('BTCUSDT'),
      value: Buffer.from('{"e":"trade"}'),
      headers: [{ key: 'traceparent', value: Buffer.from('00-ë') }],
    },
    { topic: 'trades', partition: 1, offset: 3, timestampMs: 1, key: null, value: null, headers: [] },
  ]);
  assert.deepEqual(event, {
    eventSource: 'aws:kafka',
    eventSourceArn: 'arn:aws:kafka:eu-central-1:1:cluster/c/u',
    bootstrapServers: 'b:9098',
    records: {
      'trades-0': [
        {
          topic: 'trades',
          partition: 0,
          offset: 15,
          timestamp: 1545084650987,
          timestampType: 'CREATE_TIME',
          key: 'QlRDVVNEVA==',
          value: 'eyJlIjoidHJhZGUifQ==',
          headers: [{ traceparent: [48, 48, 45, -61, -85] }],
        },
      ],
      'trades-1': [
        {
          topic: 'trades',
          partition: 1,
          offset: 3,
          timestamp: 1,
          timestampType: 'CREATE_TIME',
          value: null,
          headers: [],
        },
      ],
    },
  });
});

const bytes = fc.option(fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)));
const record: fc.Arbitrary<LogRecord> = fc.record({
  topic: fc.constant('raw.trades'),
  partition: fc.integer({ min: 0, max: 120 }),
  offset: fc.oneof(fc.nat(), fc.constantFrom(9, 10, 99, 100, 10 ** 15, Number.MAX_SAFE_INTEGER)),
  timestampMs: fc.nat(),
  key: bytes,
  value: bytes,
  headers: fc.array(
    fc.record({
      key: fc.string(),
      value: fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array)),
    }),
    { maxLength: 3 },
  ),
});

test('the size of the JSON is known exactly: at the limit it fits, one byte below it does not', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 12 }), (records) => {
      const size = Buffer.byteLength(JSON.stringify(builder.build(records)));
      assert.deepEqual(builder.fit(records, 1000, size), { kind: 'fits', count: records.length });
      const below = builder.fit(records, 1000, size - 1);
      assert.deepEqual(
        below,
        records.length === 1 ? { kind: 'tooLarge' } : { kind: 'fits', count: records.length - 1 },
      );
    }),
    { numRuns: 500 },
  );
});

test('records keep their order within a partition, also where partitions alternate', () => {
  const at = (partition: number, offset: number): LogRecord => ({
    topic: 't',
    partition,
    offset,
    timestampMs: 0,
    key: null,
    value: null,
    headers: [],
  });
  const { records } = builder.build([at(0, 1), at(1, 7), at(0, 2), at(1, 8), at(1, 9)]);
  assert.deepEqual(
    Object.entries(records).map(([name, list]) => [name, list.map(({ offset }) => offset)]),
    [
      ['t-0', [1, 2]],
      ['t-1', [7, 8, 9]],
    ],
  );
});
