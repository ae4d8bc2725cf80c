import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileRecords } from '../../../../infra/local/rebuild/file-records.ts';
import type { RecordedItem } from '../../../../infra/local/recordings/recorded-item.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../../shared/log/topics.ts';
import { quoteItem, recordingOf, tradeItem, unreadableItem } from '../replay/synthetic-recording.ts';

async function valuesOf(items: readonly RecordedItem[]): Promise<Record<string, unknown>[]> {
  const values: Record<string, unknown>[] = [];
  for await (const record of fileRecords(recordingOf(items), DEFAULT_TOPIC_NAMES, 'BTCUSDT')) {
    assert.equal(record.offset, values.length);
    values.push(JSON.parse(Buffer.from(record.value ?? '', 'base64').toString()));
  }
  return values;
}

test('of a recording come the validated events of one symbol, with the ticks, gaps and bounds of a replay', async () => {
  const values = await valuesOf([
    tradeItem('BTCUSDT', 1, 0),
    tradeItem('ETHUSDT', 70, 100),
    quoteItem('BTCUSDT', 5, 200),
    unreadableItem('what is this', 300),
    tradeItem('BTCUSDT', 2, 400),
    // 3 and 4 are missing.
    tradeItem('BTCUSDT', 5, 500),
    tradeItem('ETHUSDT', 71, 20_000),
  ]);
  assert.deepEqual(new Set(values.map((value) => value.symbol)), new Set(['BTCUSDT']));
  const trades = values.filter((value) => value.event_type === 'trade');
  assert.deepEqual(
    trades.map((value) => [value.trade_id, value.source]),
    [1, 2, 5].map((id) => [id, 'replay']),
  );
  const ticks = values.filter((value) => value.event_type === 'tick');
  assert.equal(ticks.filter((value) => typeof value.began_ms === 'number').length, 1);
  assert.equal(ticks.filter((value) => typeof value.ended_ms === 'number').length, 1);
  const gaps = ticks.flatMap((value) => (value.gap ? [value.gap as Record<string, unknown>] : []));
  assert.ok(gaps.some((gap) => gap.from === 3 && gap.to === 4));
  // The other symbol's frames move the time of this one's ticks.
  assert.ok(ticks.some((value) => Number(value.time_ms) > Number(trades[2]?.trade_time_ms)));
});

test('a reader that takes no more holds the replay, and one that leaves ends it', async () => {
  let read = 0;
  const recording = {
    symbols: ['BTCUSDT'],
    async *items() {
      for (; read < 200_000; read += 1) yield tradeItem('BTCUSDT', 1 + read, read);
    },
  };
  const records = fileRecords(recording, DEFAULT_TOPIC_NAMES, 'BTCUSDT');
  await records.next();
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(read < 50_000, `${read} lines were read ahead`);
  await records.return(undefined);
  const left = read;
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(read, left);
});

test('a recording that cannot be read on is an error of the reader', async () => {
  const recording = {
    symbols: ['BTCUSDT'],
    async *items() {
      yield tradeItem('BTCUSDT', 1, 0);
      throw new Error('the disk is gone');
    },
  };
  const drain = async (): Promise<void> => {
    for await (const _record of fileRecords(recording, DEFAULT_TOPIC_NAMES, 'BTCUSDT'));
  };
  await assert.rejects(drain(), /the disk is gone/);
});
