import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KafkaBatchResponse } from '../../../../shared/log/kafka-event.ts';
import { headersOf, MappingBench, numbers, stopped, texts } from './mapping-bench.ts';

const from = (offset: number, partition = 0): KafkaBatchResponse => ({
  batchItemFailures: [{ itemIdentifier: { partition: `source-${partition}`, offset } }],
});

test('an error retries the whole batch, in order, and nothing later overtakes it', async () => {
  const bench = await MappingBench.open();
  await bench.send(numbers(0, 4));
  const calls: string[][] = [];
  const mapping = await bench.start(async (event) => {
    calls.push(texts(event));
    if (calls.length <= 3) throw new Error('not yet');
  });
  await bench.clock.advance(0);
  await bench.send(['later']);
  assert.equal(calls.length, 1);
  assert.deepEqual(mapping.status().lastError, 'Error: not yet');
  await bench.idle(mapping);
  assert.deepEqual(calls, [...Array.from({ length: 4 }, () => numbers(0, 4)), ['later']]);
  assert.equal(mapping.status().failedInvocations, 3);
});

test('reported failures retry each partition from its lowest failed offset, and the rest is committed', async () => {
  const bench = await MappingBench.open();
  await bench.send(numbers(0, 5), 0);
  await bench.send(numbers(10, 13), 1);
  const calls: string[][] = [];
  await bench.start(
    async (event) => {
      calls.push(texts(event));
      if (calls.length > 1) return undefined;
      return { batchItemFailures: [...from(4).batchItemFailures, ...from(2).batchItemFailures] };
    },
    { reportBatchItemFailures: true },
  );
  await bench.clock.advance(0);
  assert.deepEqual(calls[0]?.length, 8);
  await bench.clock.advance(1000);
  assert.deepEqual(calls[1], ['2', '3', '4']);
  assert.deepEqual(await stopped(bench), [5, 3, 0]);
});

test('after a partial failure the checkpoint stands at the lowest failed offset', async () => {
  const bench = await MappingBench.open();
  await bench.send(numbers(0, 5), 0);
  await bench.start(async () => from(3), { reportBatchItemFailures: true });
  await bench.clock.advance(50);
  assert.deepEqual(await stopped(bench), [3, 0, 0]);
});

test('a batch response is not read unless it is asked for', async () => {
  const bench = await MappingBench.open();
  await bench.send(['a']);
  let calls = 0;
  const mapping = await bench.start(async () => {
    calls += 1;
    return from(0);
  });
  await bench.idle(mapping);
  assert.equal(calls, 1);
});

test('a batch response that names what was not in the batch fails the whole batch', async () => {
  for (const answer of [
    from(99),
    from(0, 2),
    { batchItemFailures: [{}] },
    { batchItemFailures: 'all' },
    { batchItemFailures: [null] },
  ]) {
    const bench = await MappingBench.open();
    await bench.send(['a', 'b']);
    const calls: string[][] = [];
    const mapping = await bench.start(
      async (event) => {
        calls.push(texts(event));
        return calls.length === 1 ? answer : { batchItemFailures: [] };
      },
      { reportBatchItemFailures: true },
    );
    await bench.idle(mapping);
    assert.deepEqual(
      calls,
      [
        ['a', 'b'],
        ['a', 'b'],
      ],
      JSON.stringify(answer),
    );
    assert.match(String(mapping.status().lastError), /BAD_BATCH_RESPONSE/);
  }
});

test('bisecting finds the poison record: it alone is given up, the others are processed in order', async () => {
  const bench = await MappingBench.open();
  await bench.send(numbers(0, 9));
  const processed: string[] = [];
  const mapping = await bench.start(
    async (event) => {
      if (texts(event).includes('6')) throw new Error('poison');
      processed.push(...texts(event));
    },
    { bisectOnFunctionError: true, retryAttempts: 2 },
    { onFailureTopic: 'failed' },
  );
  await bench.idle(mapping);
  assert.deepEqual(processed, ['0', '1', '2', '3', '4', '5', '7', '8']);
  const failed = await bench.records('failed');
  assert.deepEqual(
    failed.map(({ value }) => String(value)),
    ['6'],
  );
  assert.deepEqual(await stopped(bench), [9, 0, 0]);
});

test('splitting does not count against the retries: a single record gets all of them', async () => {
  const bench = await MappingBench.open();
  await bench.send(numbers(0, 8));
  let alone = 0;
  const mapping = await bench.start(
    async (event) => {
      if (!texts(event).includes('0')) return;
      if (texts(event).length === 1) alone += 1;
      throw new Error('poison');
    },
    { bisectOnFunctionError: true, retryAttempts: 3 },
  );
  await bench.idle(mapping);
  assert.equal(alone, 4);
  assert.equal(mapping.status().droppedEvents, 1);
});

test('after the last retry the batch goes to the failure topic, with what happened in its headers', async () => {
  const bench = await MappingBench.open();
  await bench.sendRecords([
    {
      topic: 'source',
      key: 'BTCUSDT',
      value: Buffer.from([0, 255]),
      headers: [['m', Buffer.from([200])]],
      partition: 1,
    },
  ]);
  let calls = 0;
  const mapping = await bench.start(
    async () => {
      calls += 1;
      throw new TypeError('no such thing');
    },
    { retryAttempts: 2 },
    { onFailureTopic: 'failed' },
  );
  await bench.idle(mapping);
  assert.equal(calls, 3);
  const [failed] = await bench.records('failed');
  assert.deepEqual(failed?.value, Buffer.from([0, 255]));
  assert.equal(String(failed?.key), 'BTCUSDT');
  assert.deepEqual(failed?.headers[0], { key: 'm', value: Buffer.from([200]) });
  const headers = headersOf(failed?.headers);
  assert.equal(headers['lambda.condition'], 'RetryAttemptsExhausted');
  assert.equal(headers['lambda.approximate-invoke-count'], '3');
  assert.equal(headers['lambda.error'], 'TypeError: no such thing');
  assert.equal(headers['lambda.topic'], 'source');
  assert.equal(headers['lambda.partition'], '1');
  assert.equal(headers['lambda.offset'], '0');
  assert.equal(mapping.status().deliveredToDestination, 1);
  assert.deepEqual(await stopped(bench), [0, 1, 0]);
});

test('endless retries with a failure topic are ten, without one they do not end', async () => {
  for (const [onFailureTopic, expected] of [
    ['failed', 11],
    [undefined, 40],
  ] as const) {
    const bench = await MappingBench.open();
    await bench.send(['a']);
    let calls = 0;
    const mapping = await bench.start(
      async () => {
        calls += 1;
        if (calls < 40) throw new Error('no');
      },
      {},
      onFailureTopic === undefined ? {} : { onFailureTopic },
    );
    await bench.idle(mapping);
    assert.equal(calls, expected);
  }
});

test('records that grow too old while they are retried are given up, younger ones are not', async () => {
  const bench = await MappingBench.open();
  await bench.send(['old']);
  await bench.clock.advance(50_000);
  await bench.send(['young']);
  const calls: string[][] = [];
  const mapping = await bench.start(
    async (event) => {
      calls.push(texts(event));
      if (texts(event).includes('old')) throw new Error('no');
    },
    { maxRecordAgeMs: 60_000 },
    { onFailureTopic: 'failed' },
  );
  await bench.idle(mapping);
  assert.deepEqual(calls.at(-1), ['young']);
  const failed = await bench.records('failed');
  assert.deepEqual(
    failed.map(({ value, headers }) => [String(value), headersOf(headers)['lambda.condition']]),
    [['old', 'RecordAgeExceeded']],
  );
});

test('a function over its timeout is called again while the first call still runs', async () => {
  const bench = await MappingBench.open();
  await bench.send(['a']);
  let release: () => void = () => {};
  const remaining: number[] = [];
  const ended: number[] = [];
  let calls = 0;
  const mapping = await bench.start(
    async (_event, context) => {
      const call = ++calls;
      remaining.push(context.getRemainingTimeInMillis());
      if (call === 1) {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      ended.push(call);
    },
    { functionTimeoutMs: 3000 },
  );
  await bench.idle(mapping);
  assert.deepEqual(remaining, [3000, 3000]);
  assert.deepEqual(ended, [2]);
  assert.match(String(mapping.status().lastError), /FUNCTION_TIMEOUT/);
  release();
  await bench.clock.advance(0);
  assert.deepEqual(ended, [2, 1]);
  assert.equal(mapping.status().committedEvents, 1);
});
