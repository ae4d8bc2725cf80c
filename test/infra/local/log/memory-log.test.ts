import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryLog } from '../../../../infra/local/log/memory-log.ts';
import { logContract } from './log-contract.ts';
import { VirtualClock } from './virtual-clock.ts';
import { wallClock } from './wall-clock.ts';

logContract('the log in memory', async () => {
  const log = openMemoryLog({ clock: wallClock });
  return { log, close: () => log.close() };
});

test('a waiting fetch uses the given clock and no other timer', async () => {
  const clock = new VirtualClock();
  const log = openMemoryLog({ clock });
  await log.ensureTopics([{ name: 't', partitions: 1, retentionMs: -1, compacted: false }]);
  const consumer = await log.consumer({ groupId: 'g', topic: 't' });
  assert.equal(clock.waiting, 0);
  const fetched = consumer.fetch({ maxRecords: 1, maxBytes: 1, waitMs: 3_600_000 });
  await clock.advance(3_599_999);
  assert.equal(clock.waiting, 1);
  await clock.advance(1);
  assert.deepEqual(await fetched, []);
  assert.equal(clock.waiting, 0);
});

test('the log in memory forgets by age and keeps the newest of a key', async () => {
  const clock = new VirtualClock();
  const log = openMemoryLog({ clock, upkeepMs: 1000 });
  await log.ensureTopics([
    { name: 'aged', partitions: 1, retentionMs: 5000, compacted: false },
    { name: 'kept', partitions: 1, retentionMs: -1, compacted: true },
  ]);
  const producer = await log.producer();
  await producer.send([{ topic: 'aged', key: null, value: 'old' }]);
  await producer.send(['1', '2', '3'].map((value) => ({ topic: 'kept', key: 'k', value })));
  await clock.advance(7000);
  const reader = await log.reader();
  assert.deepEqual(await reader.bounds('aged', 0), { first: 1, next: 1 });
  const kept = await reader.read({ topic: 'kept', partition: 0, offset: 0 }, 10);
  assert.deepEqual(
    kept.map(({ offset, value }) => [offset, String(value)]),
    [[2, '3']],
  );
});
