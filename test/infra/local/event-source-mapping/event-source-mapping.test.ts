import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '../../../../shared/coded-error.ts';
import type { KafkaBatchResponse, MSKEvent } from '../../../../shared/log/kafka-event.ts';
import type { Log } from '../../../../shared/log/log.ts';
import { MappingBench, numbers, type SETTINGS, texts } from './mapping-bench.ts';

const from = (offset: number, partition = 0): KafkaBatchResponse => ({
  batchItemFailures: [{ itemIdentifier: { partition: `source-${partition}`, offset } }],
});

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

test('what was processed and not committed when the process died comes again', async () => {
  const bench = await MappingBench.open();
  await bench.send(numbers(0, 3));
  const seen: string[] = [];
  const crashing = {
    ...bench.log,
    reader: () => bench.log.reader(),
    producer: () => bench.log.producer(),
    consumer: async (options: { groupId: string; topic: string }) => {
      const consumer = await bench.log.consumer(options);
      return {
        fetch: consumer.fetch.bind(consumer),
        rewind: consumer.rewind.bind(consumer),
        lag: consumer.lag.bind(consumer),
        close: consumer.close.bind(consumer),
        commit: async () => {
          await consumer.close();
          return new Promise<void>(() => {});
        },
      };
    },
  };
  await bench.start(async (event) => seen.push(...texts(event)), {}, { log: crashing });
  await bench.clock.advance(0);
  assert.deepEqual(seen, numbers(0, 3));
  const next = await bench.start(async (event) => seen.push(...texts(event)));
  await bench.idle(next);
  assert.deepEqual(seen, [...numbers(0, 3), ...numbers(0, 3)]);
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

test('stop lets the running call end and be committed, and starts no other', async () => {
  const bench = await MappingBench.open();
  await bench.send(numbers(0, 4));
  const calls: string[][] = [];
  const mapping = await bench.start(
    async (event) => {
      calls.push(texts(event));
      await new Promise<void>((resolve) => bench.clock.after(1000, resolve));
    },
    { batchSize: 2 },
  );
  await bench.clock.advance(10);
  await bench.clock.until(mapping.stop());
  assert.deepEqual(calls, [['0', '1']]);
  assert.equal(mapping.status().state, 'stopped');
  assert.deepEqual(await bench.committed(), [2, 0, 0]);
  await assert.rejects(mapping.idle(), { code: 'MAPPING_STOPPED' });
});

test('stop ends at once where the mapping waits: for records, for its window, for a retry', async () => {
  for (const prepare of [async () => {}, async (bench: MappingBench) => bench.send(['window'])]) {
    const bench = await MappingBench.open();
    const mapping = await bench.start(
      async () => {
        throw new Error('no');
      },
      { batchingWindowMs: 5000 },
    );
    await prepare(bench);
    await bench.clock.advance(5050);
    const beforeUs = bench.clock.nowUs();
    await bench.clock.until(mapping.stop());
    assert.equal(bench.clock.nowUs(), beforeUs);
    assert.equal(bench.clock.waiting, 0);
  }
});

test('idle waits for what was there at the call, not for what comes after', async () => {
  const bench = await MappingBench.open();
  const mapping = await bench.start(async () => {
    await new Promise<void>((resolve) => bench.clock.after(10, resolve));
  });
  await bench.clock.until(mapping.idle());
  await bench.send(['a']);
  let done = false;
  const idle = mapping.idle().then(() => {
    done = true;
  });
  await bench.clock.advance(9);
  assert.equal(done, false);
  await bench.send(['b']);
  await bench.clock.advance(1);
  await idle;
  assert.equal(mapping.status().committedEvents, 1);
  await bench.idle(mapping);
  assert.equal(mapping.status().committedEvents, 2);
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

test('a log that is closed under a running mapping ends it, and is told as fatal', async () => {
  const bench = await MappingBench.open();
  const fatal: unknown[] = [];
  const mapping = await bench.start(async () => {}, {}, { onFatal: (error) => fatal.push(error) });
  await bench.clock.advance(0);
  await bench.log.close();
  await bench.clock.advance(0);
  assert.equal(mapping.status().state, 'failed');
  assert.equal(fatal.length, 1);
  await mapping.stop();
});

test('a failure topic that does not exist is refused at the start', async () => {
  const bench = await MappingBench.open();
  await assert.rejects(
    bench.start(async () => {}, {}, { onFailureTopic: 'nowhere' }),
    { code: 'LOG_UNKNOWN_TOPIC' },
  );
});

test('a log that does not answer for a while delays the mapping, and breaks nothing', async () => {
  const bench = await MappingBench.open();
  await bench.send(numbers(0, 3));
  let fails = 9;
  const flaky = async () => {
    if (fails-- > 0) throw new CodedError('KAFKA_UNREACHABLE', 'not now', { canRetry: true });
  };
  const log: Log = {
    ensureTopics: (topics) => bench.log.ensureTopics(topics),
    producer: () => bench.log.producer(),
    reader: () => bench.log.reader(),
    close: () => bench.log.close(),
    consumer: async (options) => {
      const consumer = await bench.log.consumer(options);
      return {
        fetch: (limits) => flaky().then(() => consumer.fetch(limits)),
        commit: (offsets) => flaky().then(() => consumer.commit(offsets)),
        rewind: (partitions) => consumer.rewind(partitions),
        lag: () => flaky().then(() => consumer.lag()),
        close: () => consumer.close(),
      };
    },
  };
  const seen: string[] = [];
  const mapping = await bench.start(
    async (event) => {
      seen.push(...texts(event));
      fails = 3;
    },
    {},
    { log },
  );
  await bench.idle(mapping);
  assert.deepEqual(seen, ['0', '1', '2']);
  assert.equal(mapping.status().committedEvents, 3);
  assert.equal(mapping.status().failedInvocations, 0);
});

test('a log that fails for good ends the mapping and tells who waits', async () => {
  const bench = await MappingBench.open();
  const fatal: unknown[] = [];
  const mapping = await bench.start(async () => {}, {}, { onFatal: (error) => fatal.push(error) });
  await bench.clock.advance(0);
  await bench.send(['a']);
  const broken = await bench.start(
    async () => {},
    {},
    {
      groupId: 'other',
      onFatal: (error) => fatal.push(error),
      log: {
        ensureTopics: (topics) => bench.log.ensureTopics(topics),
        producer: () => bench.log.producer(),
        reader: () => bench.log.reader(),
        close: () => bench.log.close(),
        consumer: async (options) => {
          const consumer = await bench.log.consumer(options);
          await consumer.close();
          return { ...closedConsumer, fetch: async () => consumer.commit([]).then(() => []) };
        },
      },
    },
  );
  await assert.rejects(bench.clock.until(broken.idle()), { code: 'LOG_CLOSED' });
  assert.equal(broken.status().state, 'failed');
  assert.equal(fatal.length, 1);
  await bench.idle(mapping);
  assert.equal(mapping.status().state, 'running');
});

const closedConsumer = {
  commit: async () => {},
  rewind: async () => {},
  lag: async () => [0, 1, 2].map((partition) => ({ topic: 'source', partition, records: 1 })),
  close: async () => {},
};

/** Stops what runs and gives the group's committed offsets. */
async function stopped(bench: MappingBench): Promise<readonly number[]> {
  for (const mapping of bench.running) await bench.clock.until(mapping.stop());
  return bench.committed();
}

function headersOf(
  headers: readonly { readonly key: string; readonly value: Buffer }[] | undefined,
): Record<string, string> {
  return Object.fromEntries((headers ?? []).map(({ key, value }) => [key, String(value)]));
}
