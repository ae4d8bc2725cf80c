import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '../../../../shared/coded-error.ts';
import type { Log } from '../../../../shared/log/log.ts';
import { MappingBench, numbers, texts } from './mapping-bench.ts';

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
