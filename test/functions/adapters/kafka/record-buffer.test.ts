import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecordBuffer } from '../../../../functions/adapters/kafka/record-buffer.ts';
import type { LogRecord } from '../../../../shared/log/log.ts';

const record = (partition: number, offset: number, bytes: number): LogRecord => ({
  topic: 't',
  partition,
  offset,
  timestampMs: 0,
  key: null,
  value: Buffer.alloc(bytes),
  headers: [],
});

test('whatever is put in comes out once and in order, and the bytes are counted', () => {
  const step = fc.oneof(
    fc.record({ add: fc.nat({ max: 50 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 20 }), bytes: fc.nat({ max: 300 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const buffer = new RecordBuffer();
      const waiting: LogRecord[] = [];
      let offset = 0;
      for (const each of steps) {
        if ('add' in each) {
          const added = record(0, offset++, each.add);
          buffer.add(added);
          waiting.push(added);
        } else {
          const taken = buffer.take(each.take, each.bytes);
          assert.ok(taken.length <= each.take);
          assert.ok(taken.length > 0 || waiting.length === 0);
          const size = taken.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
          assert.ok(taken.length === 1 || size <= each.bytes);
          assert.deepEqual(taken, waiting.splice(0, taken.length));
        }
        assert.equal(buffer.isEmpty, waiting.length === 0);
        assert.equal(
          buffer.bytes,
          waiting.reduce((sum, { value }) => sum + (value?.length ?? 0), 0),
        );
      }
    }),
  );
});

test('a partition is dropped without the others', () => {
  const buffer = new RecordBuffer();
  for (const partition of [0, 1, 0, 1]) buffer.add(record(partition, 0, 10));
  buffer.drop(0);
  assert.equal(buffer.bytes, 20);
  assert.deepEqual(
    buffer.take(10, 1000).map(({ partition }) => partition),
    [1, 1],
  );
});
