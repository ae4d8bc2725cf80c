import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openEmbeddedLog, openEmbeddedLogReadOnly } from '../../../../infra/local/log/embedded-log.ts';
import type { LogRecord } from '../../../../shared/log/log.ts';
import { logContract } from './log-contract.ts';
import { VirtualClock } from './virtual-clock.ts';
import { wallClock } from './wall-clock.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'embedded-log-'));
  folders.push(made);
  return made;
}

const ONE = { name: 't', partitions: 1, retentionMs: -1, compacted: false } as const;

logContract('the embedded log', async () => {
  const log = openEmbeddedLog({ dir: folder(), clock: wallClock });
  return { log, close: () => log.close() };
});

test('topics, records, offsets and commits are there after a restart', async () => {
  const dir = folder();
  const before = openEmbeddedLog({ dir, clock: wallClock });
  await before.ensureTopics([ONE]);
  const producer = await before.producer();
  await producer.send(['a', 'b', 'c'].map((value) => ({ topic: 't', key: null, value })));
  const consumer = await before.consumer({ groupId: 'g', topic: 't' });
  await consumer.fetch({ maxRecords: 10, maxBytes: 1000, waitMs: 0 });
  await consumer.commit([{ topic: 't', partition: 0, next: 2 }]);
  await before.close();

  const log = openEmbeddedLog({ dir, clock: wallClock });
  assert.deepEqual(await log.ensureTopics([ONE]), []);
  const again = await log.consumer({ groupId: 'g', topic: 't' });
  const records = await again.fetch({ maxRecords: 10, maxBytes: 1000, waitMs: 0 });
  assert.deepEqual(
    records.map(({ offset, value }) => [offset, String(value)]),
    [[2, 'c']],
  );
  const [range] = await (await log.producer()).send([{ topic: 't', key: null, value: 'd' }]);
  assert.equal(range?.baseOffset, 3);
  await log.close();
});

test('every acknowledged send survives SIGKILL, and offsets have no hole', async () => {
  const dir = folder();
  const writer = fork(join(import.meta.dirname, 'log-writer.ts'), [dir], { stdio: 'ignore' });
  let acknowledged = 0;
  writer.on('message', (count) => {
    acknowledged = Number(count);
  });
  const deadline = Date.now() + 30_000;
  while (acknowledged < 2000 && Date.now() < deadline) await once(writer, 'message');
  writer.kill('SIGKILL');
  await once(writer, 'exit');
  const log = openEmbeddedLog({ dir, clock: wallClock });
  const reader = await log.reader();
  const { first, next } = await reader.bounds('t', 0);
  assert.equal(first, 0);
  assert.ok(acknowledged >= 2000);
  assert.ok(next >= acknowledged, `${next} records, ${acknowledged} acknowledged`);
  const records: LogRecord[] = [];
  while (records.length < next) {
    records.push(...(await reader.read({ topic: 't', partition: 0, offset: records.length }, 1000)));
  }
  for (const [i, record] of records.entries()) {
    assert.equal(record.offset, i);
    assert.equal(String(record.value), String(i));
  }
  await log.close();
});

test('a second writer is refused by code; a reader beside the writer sees what is appended', async () => {
  const dir = folder();
  assert.throws(() => openEmbeddedLogReadOnly({ dir }), { code: 'LOG_NOT_FOUND' });
  const writer = fork(join(import.meta.dirname, 'log-writer.ts'), [dir], { stdio: 'ignore' });
  await once(writer, 'message');
  assert.throws(() => openEmbeddedLog({ dir, clock: wallClock }), { code: 'LOG_IN_USE' });
  const log = openEmbeddedLogReadOnly({ dir });
  const reader = await log.reader();
  const { next } = await reader.bounds('t', 0);
  assert.ok(next > 0);
  assert.equal((await reader.read({ topic: 't', partition: 0, offset: next - 1 }, 1)).length, 1);
  const deadline = Date.now() + 30_000;
  while ((await reader.bounds('t', 0)).next === next) assert.ok(Date.now() < deadline);
  await assert.rejects(log.producer(), { code: 'LOG_READ_ONLY' });
  await assert.rejects(log.consumer({ groupId: 'g', topic: 't' }), { code: 'LOG_READ_ONLY' });
  await log.close();
  writer.kill('SIGKILL');
  await once(writer, 'exit');
  await openEmbeddedLog({ dir, clock: wallClock }).close();
});

test('two writers of one folder in one process are refused as well', async () => {
  const dir = folder();
  const log = openEmbeddedLog({ dir, clock: wallClock });
  assert.throws(() => openEmbeddedLog({ dir, clock: wallClock }), { code: 'LOG_IN_USE' });
  await log.close();
  await openEmbeddedLog({ dir, clock: wallClock }).close();
});

test('retention by time and by size takes from the front, and a reader behind it goes on at the first kept', async () => {
  const clock = new VirtualClock();
  const log = openEmbeddedLog({ dir: folder(), clock, upkeepMs: 1000 });
  await log.ensureTopics([
    { ...ONE, name: 'aged', retentionMs: 60_000 },
    { ...ONE, name: 'sized', retentionBytes: 10_000 },
  ]);
  const producer = await log.producer();
  const batch = (topic: string) =>
    Array.from({ length: 100 }, () => ({ topic, key: 'k', value: Buffer.alloc(200) }));
  await producer.send([...batch('aged'), ...batch('sized')]);
  await clock.advance(30_000);
  await producer.send(batch('aged'));
  await clock.advance(31_500);
  const reader = await log.reader();
  assert.deepEqual(await reader.bounds('aged', 0), { first: 100, next: 200 });
  const sized = await reader.bounds('sized', 0);
  assert.equal(sized.next, 100);
  assert.ok(sized.first > 55 && sized.first < 70, `first ${sized.first}`);
  const [record] = await reader.read({ topic: 'aged', partition: 0, offset: 0 }, 1);
  assert.equal(record?.offset, 100);
  const consumer = await log.consumer({ groupId: 'g', topic: 'aged' });
  assert.equal((await consumer.fetch({ maxRecords: 1, maxBytes: 1000, waitMs: 0 }))[0]?.offset, 100);
  await clock.advance(60_000);
  assert.deepEqual(await reader.bounds('aged', 0), { first: 200, next: 200 });
  const [next] = await producer.send([{ topic: 'aged', key: 'k', value: 'on' }]);
  assert.equal(next?.baseOffset, 200);
  await log.close();
});

test('a compacted topic keeps the newest of each key, through restarts, and drops tombstones after a day', async () => {
  const dir = folder();
  const clock = new VirtualClock();
  const spec = { ...ONE, compacted: true };
  let log = openEmbeddedLog({ dir, clock, upkeepMs: 60_000 });
  await log.ensureTopics([spec]);
  const keep = async (values: readonly (readonly [string, string | null])[]) => {
    const producer = await log.producer();
    await producer.send(values.map(([key, value]) => ({ topic: 't', key, value })));
    await clock.advance(61_000);
  };
  const kept = async () => {
    const reader = await log.reader();
    const records = await reader.read({ topic: 't', partition: 0, offset: 0 }, 100);
    return records.map(({ key, value }) => [String(key), value === null ? null : String(value)]);
  };
  await keep([
    ['a', '1'],
    ['b', '1'],
    ['a', '2'],
  ]);
  assert.deepEqual(await kept(), [
    ['b', '1'],
    ['a', '2'],
  ]);
  await log.close();
  log = openEmbeddedLog({ dir, clock, upkeepMs: 60_000 });
  await keep([
    ['a', '3'],
    ['b', null],
  ]);
  assert.deepEqual(await kept(), [
    ['a', '3'],
    ['b', null],
  ]);
  await clock.advance(86_400_000 + 120_000);
  assert.deepEqual(await kept(), [['a', '3']]);
  assert.deepEqual(await (await log.reader()).bounds('t', 0), { first: 0, next: 5 });
  await log.close();
});
