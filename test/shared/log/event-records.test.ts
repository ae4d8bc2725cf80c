import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  countRecords,
  partitionRecords,
  recordHeader,
  recordKey,
  recordValue,
} from '../../../shared/log/event-records.ts';
import type { MSKEvent, MSKRecord } from '../../../shared/log/kafka-event.ts';

const RECORD: MSKRecord = {
  topic: 'trades',
  partition: 0,
  offset: 15,
  timestamp: 1545084650987,
  timestampType: 'CREATE_TIME',
  key: 'QlRDVVNEVA==',
  value: 'eyJlIjoidHJhZGUifQ==',
  headers: [{ m: [118, 49] }, { m: [120] }, { n: [-61, -85] }],
};

test('key, value and headers are read as Lambda encodes them', () => {
  assert.equal(recordKey(RECORD), 'BTCUSDT');
  assert.equal(recordValue(RECORD)?.toString(), '{"e":"trade"}');
  assert.equal(recordHeader(RECORD, 'm'), 'v1');
  assert.equal(recordHeader(RECORD, 'n'), 'ë');
  assert.equal(recordHeader(RECORD, 'none'), undefined);
  assert.equal(recordHeader(RECORD, 'constructor'), undefined);
});

test('an absent or empty key is none, a null value a tombstone', () => {
  const { key: _, ...keyless } = RECORD;
  assert.equal(recordKey(keyless), null);
  assert.equal(recordKey({ ...RECORD, key: '' }), null);
  assert.equal(recordValue({ ...RECORD, value: null }), null);
});

test('partitions come by name, with their records in order', () => {
  const event: MSKEvent = {
    eventSource: 'aws:kafka',
    eventSourceArn: 'a',
    bootstrapServers: 'b',
    records: { 'trades-0': [RECORD, { ...RECORD, offset: 16 }], 'trades-1': [] },
  };
  assert.equal(countRecords(event), 2);
  assert.deepEqual(
    partitionRecords(event).map(({ name, records }) => [name, records.map(({ offset }) => offset)]),
    [
      ['trades-0', [15, 16]],
      ['trades-1', []],
    ],
  );
});

test('any text survives the way through signed bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const signed = Array.from(Buffer.from(text), (byte) => (byte << 24) >> 24);
      assert.equal(recordHeader({ ...RECORD, headers: [{ h: signed }] }, 'h'), Buffer.from(text).toString());
    }),
  );
});
