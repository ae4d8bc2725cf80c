import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import { murmur2 } from '../../../shared/log/murmur2.ts';
import { Partitioner } from '../../../shared/log/partitioner.ts';

const require = createRequire(import.meta.url);
const kafkajsMurmur2: (
  key: Buffer,
) => number = require('kafkajs/src/producer/partitioners/default/murmur2.js');

test('murmur2 gives the vectors of the Java client (UtilsTest.testMurmur2)', () => {
  const vectors: readonly (readonly [string, number])[] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ];
  for (const [text, hash] of vectors) assert.equal(murmur2(Buffer.from(text)), hash, text);
});

test('murmur2 equals the one of kafkajs for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      assert.equal(murmur2(bytes), kafkajsMurmur2(Buffer.from(bytes)));
    }),
  );
});

test('a key stays in its partition, and a record without one goes to 0', () => {
  const partitioner = new Partitioner();
  assert.equal(partitioner.partition(null, 6), 0);
  for (const key of ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', '']) {
    const expected = (kafkajsMurmur2(Buffer.from(key)) & 0x7fffffff) % 6;
    assert.equal(partitioner.partition(key, 6), expected);
    assert.equal(partitioner.partition(key, 6), expected);
    assert.equal(partitioner.partition(key, 1), 0);
  }
});
