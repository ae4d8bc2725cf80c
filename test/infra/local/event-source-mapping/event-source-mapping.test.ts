import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MSKEvent } from '../../../../shared/log/kafka-event.ts';
import { headersOf, MappingBench, numbers, type SETTINGS, stopped, texts } from './mapping-bench.ts';

test('batches are of at most the batch size, in order, and one call may mix partitions', async () => {
  const bench = await MappingBench.open();
  await bench.send(numbers(0, 5), 0);
  await bench.send(numbers(10, 13), 1);
  const calls: MSKEvent[] = [];
  const mapping = await bench.start(async (event) => calls.push(event), { batchSize: 4 });
  await bench.idle(mapping);
  assert.deepEqual(
    calls.map((event) => texts(event).length),
    [4, 4],
  );
  const all = calls.flatMap(texts).map(Number);
  assert.deepEqual(
    all.filter((n) => n < 10),
    [0, 1, 2, 3, 4],
  );
  assert.deepEqual(
    all.filter((n) => n >= 10),
    [10, 11, 12],
  );
  assert.ok(calls.some(({ records }) => Object.keys(records).length === 2));
  assert.deepEqual(await stopped(bench), [5, 3, 0]);
});

test('a batch is not called before its window is over, unless it is full', async () => {
  const bench = await MappingBench.open();
  const calls: string[][] = [];
  await bench.start(async (event) => calls.push(texts(event)), { batchingWindowMs: 2000, batchSize: 3 });
  await bench.clock.advance(10_000);
  await bench.send(['a']);
  await bench.clock.advance(1000);
  await bench.send(['b']);
  await bench.clock.advance(999);
  assert.deepEqual(calls, []);
  await bench.clock.advance(1);
  assert.deepEqual(calls, [['a', 'b']]);
  await bench.send(['c', 'd', 'e']);
  await bench.clock.advance(0);
  assert.deepEqual(calls, [
    ['a', 'b'],
    ['c', 'd', 'e'],
  ]);
});

test('no event is over 6 MB, and a single record that is goes to the failure topic', async () => {
  const bench = await MappingBench.open();
  const large = 'x'.repeat(2_000_000);
  const tooLarge = 'y'.repeat(4_800_000);
  await bench.send([large, large, large, tooLarge, 'after']);
  const sizes: number[] = [];
  const seen: string[] = [];
  const mapping = await bench.start(
    async (event) => {
      sizes.push(Buffer.byteLength(JSON.stringify(event)));
      seen.push(...texts(event));
    },
    {},
    { onFailureTopic: 'failed' },
  );
  await bench.idle(mapping);
  assert.ok(sizes.every((size) => size <= 6 * 1024 * 1024));
  assert.ok(sizes.length >= 2);
  assert.deepEqual(seen, [large, large, large, 'after']);
  const [failed, ...rest] = await bench.records('failed');
  assert.equal(rest.length, 0);
  assert.equal(failed?.value?.length, tooLarge.length);
  assert.deepEqual(headersOf(failed?.headers)['lambda.condition'], 'PayloadSizeExceeded');
  assert.equal(mapping.status().droppedEvents, 1);
});

test('calls run beside each other, one per poller, and never two for one partition', async () => {
  for (const [maximumPollers, expected] of [
    [1, 1],
    [2, 2],
    [10, 3],
  ] as const) {
    const bench = await MappingBench.open();
    for (const partition of [0, 1, 2]) await bench.send(numbers(0, 10), partition);
    let inFlight = 0;
    let most = 0;
    const busy = new Set<string>();
    const mapping = await bench.start(
      async (event) => {
        most = Math.max(most, ++inFlight);
        for (const name of Object.keys(event.records)) {
          assert.ok(!busy.has(name));
          busy.add(name);
        }
        await new Promise<void>((resolve) => bench.clock.after(100, resolve));
        for (const name of Object.keys(event.records)) busy.delete(name);
        inFlight -= 1;
      },
      { maximumPollers, batchSize: 2 },
    );
    await bench.idle(mapping);
    assert.equal(most, expected);
    assert.equal(mapping.status().failedInvocations, 0);
    assert.equal(mapping.status().committedEvents, 30);
  }
});

test('settings that Lambda would refuse are refused by name', async () => {
  const bench = await MappingBench.open();
  const refused = async (settings: Partial<typeof SETTINGS>, message: RegExp) => {
    await assert.rejects(
      bench.start(async () => {}, settings),
      (error: unknown) => {
        assert.ok(error instanceof Error);
        assert.equal(Reflect.get(error, 'code'), 'MAPPING_SETTINGS');
        assert.match(error.message, message);
        return true;
      },
    );
  };
  await refused({ batchSize: 10_001 }, /batchSize/);
  await refused({ batchingWindowMs: 750 }, /batchingWindowMs/);
  await refused({ functionTimeoutMs: 900_000 }, /functionTimeoutMs/);
  await refused({ maxRecordAgeMs: 5000 }, /maxRecordAgeMs/);
  const onDemand = { mode: 'on-demand', batchingWindowMs: 500 } as const;
  await refused({ ...onDemand, batchingWindowMs: 0 }, /batchingWindowMs 0 needs provisioned/);
  await refused({ ...onDemand, bisectOnFunctionError: true }, /bisectOnFunctionError needs provisioned/);
  await refused({ ...onDemand, retryAttempts: 3 }, /retryAttempts needs provisioned/);
  await refused({ ...onDemand, maxRecordAgeMs: 60_000 }, /maxRecordAgeMs needs provisioned/);
  await refused({ ...onDemand, reportBatchItemFailures: true }, /reportBatchItemFailures needs provisioned/);
  await assert.rejects(
    bench.start(async () => {}, {}, { onFailureTopic: 'source' }),
    /must differ from the source topic/,
  );
  await bench.start(async () => {}, onDemand);
});
