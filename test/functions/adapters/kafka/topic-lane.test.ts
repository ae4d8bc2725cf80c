import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BatchProducer, TopicLane } from '../../../../functions/adapters/kafka/topic-lane.ts';
import { settled, VirtualClock } from '../../../infra/local/log/virtual-clock.ts';

const SETTINGS = {
  lingerMs: 5,
  compression: 0,
  batchBytes: 10_000,
  partitionBytes: 5000,
  partitionRecords: 100,
  queueBytes: 50_000,
  deliveryTimeoutMs: 30_000,
};

/** Brokers that do as they are told and remember what came. */
class FakeBrokers {
  readonly clock = new VirtualClock();
  /** The values of each batch, and the producer that brought it. */
  readonly batches: { readonly producer: number; readonly values: string[] }[] = [];
  /** Called before each batch is taken; may throw, or hold it. */
  onBatch: (values: string[]) => Promise<void> = async () => {};
  producers = 0;
  readonly #next = new Map<number, number>();
  readonly lane: TopicLane;

  constructor(settings: Partial<typeof SETTINGS> = {}) {
    this.lane = new TopicLane({
      createProducer: () => this.#producer(),
      clock: this.clock,
      topic: 't',
      brokers: 'b:1',
      settings: { ...SETTINGS, ...settings },
    });
  }

  send(value: string, partition = 0) {
    return this.lane.send([{ partition, key: null, value, headers: {} }]);
  }

  #producer(): BatchProducer {
    const producer = ++this.producers;
    return {
      connect: async () => {},
      disconnect: async () => {},
      sendBatch: async ({ topicMessages }) => {
        const messages = topicMessages?.[0]?.messages ?? [];
        const values = messages.map(({ value }) => String(value));
        await this.onBatch(values);
        this.batches.push({ producer, values });
        const bases = new Map<number, number>();
        for (const { partition = 0 } of messages) {
          const next = this.#next.get(partition) ?? 0;
          if (!bases.has(partition)) bases.set(partition, next);
          this.#next.set(partition, next + 1);
        }
        return Array.from(bases, ([partition, base]) => ({
          topicName: 't',
          partition,
          errorCode: 0,
          baseOffset: String(base),
        }));
      },
    };
  }
}

const broken = (fields: object) => Object.assign(new Error('told'), fields);

test('records gather for the linger time, then go as one batch, each send told its own offsets', async () => {
  const fake = new FakeBrokers();
  const sends = [fake.send('a'), fake.send('b', 1), fake.send('c')];
  await fake.clock.advance(4);
  assert.equal(fake.batches.length, 0);
  await fake.clock.advance(1);
  assert.deepEqual(fake.batches, [{ producer: 1, values: ['a', 'b', 'c'] }]);
  assert.deepEqual(await Promise.all(sends), [
    [{ topic: 't', partition: 0, baseOffset: 0, count: 1 }],
    [{ topic: 't', partition: 1, baseOffset: 0, count: 1 }],
    [{ topic: 't', partition: 0, baseOffset: 1, count: 1 }],
  ]);
});

test('a batch that is full goes at once', async () => {
  const fake = new FakeBrokers();
  const sends = Array.from({ length: 6 }, (_, i) => fake.send('x'.repeat(2000), i));
  await settled();
  assert.ok(fake.batches.length >= 1);
  await fake.clock.advance(5);
  await Promise.all(sends);
});

test('one batch is on its way at a time; what gathers meanwhile follows at once, in order', async () => {
  const fake = new FakeBrokers();
  let release: () => void = () => {};
  fake.onBatch = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  const first = fake.send('a');
  await fake.clock.advance(5);
  const others = [fake.send('b'), fake.send('c')];
  await fake.clock.advance(100);
  assert.equal(fake.batches.length, 0);
  release();
  await first;
  await settled();
  release();
  await Promise.all(others);
  assert.deepEqual(
    fake.batches.map(({ values }) => values),
    [['a'], ['b', 'c']],
  );
});

test('a batch is cut where a partition has enough, by size and by count', async () => {
  const bySize = new FakeBrokers({ partitionBytes: 250 });
  const sends = ['1', '2', '3'].map((value) => bySize.send(value.repeat(100)));
  await bySize.clock.advance(5);
  await Promise.all(sends);
  assert.deepEqual(
    bySize.batches.map(({ values }) => values.length),
    [1, 1, 1],
  );
  const byCount = new FakeBrokers({ partitionRecords: 2 });
  const more = ['1', '2', '3'].map((value) => byCount.send(value));
  await byCount.clock.advance(5);
  await Promise.all(more);
  assert.deepEqual(
    byCount.batches.map(({ values }) => values.length),
    [2, 1],
  );
});

test('an error that may pass is tried again with the same batch and the same producer', async () => {
  const fake = new FakeBrokers();
  const tried: string[][] = [];
  fake.onBatch = async (values) => {
    tried.push(values);
    if (tried.length < 4) throw broken({ name: 'KafkaJSConnectionError', retriable: true });
  };
  const first = fake.send('a');
  await fake.clock.advance(5);
  const second = fake.send('b');
  await fake.clock.until(Promise.all([first, second]));
  assert.deepEqual(tried, [['a'], ['a'], ['a'], ['a'], ['b']]);
  assert.equal(fake.producers, 1);
});

test('past the delivery time the batch and all behind it fail, and the next begins with a new producer', async () => {
  const fake = new FakeBrokers();
  let isDown = true;
  fake.onBatch = async () => {
    if (isDown) throw broken({ name: 'KafkaJSConnectionError', retriable: true, code: 'ECONNREFUSED' });
  };
  const first = fake.send('a');
  await fake.clock.advance(5);
  const second = fake.send('b');
  const told = { code: 'KAFKA_UNREACHABLE', canRetry: true };
  await Promise.all([assert.rejects(fake.clock.until(first), told), assert.rejects(second, told)]);
  isDown = false;
  const third = fake.send('c');
  await fake.clock.until(third);
  assert.deepEqual(fake.batches, [{ producer: 2, values: ['c'] }]);
});

test('a broken numbering of batches begins anew with another producer id, and loses nothing', async () => {
  const fake = new FakeBrokers();
  let isBroken = true;
  fake.onBatch = async () => {
    if (isBroken) {
      isBroken = false;
      throw broken({ name: 'KafkaJSProtocolError', type: 'OUT_OF_ORDER_SEQUENCE_NUMBER', retriable: false });
    }
  };
  await fake.clock.until(fake.send('a'));
  assert.deepEqual(fake.batches, [{ producer: 2, values: ['a'] }]);
});

test('a record over the limit is found by halves; only its own send fails', async () => {
  const fake = new FakeBrokers();
  fake.onBatch = async (values) => {
    if (values.includes('large')) throw broken({ type: 'MESSAGE_TOO_LARGE', retriable: false });
  };
  const sends = ['a', 'b', 'large', 'c', 'd'].map((value) => fake.send(value));
  const outcomes = Promise.allSettled(sends);
  const settledSends = await fake.clock.until(outcomes);
  assert.deepEqual(
    settledSends.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  );
  await assert.rejects(sends[2] ?? Promise.resolve(), { code: 'LOG_RECORD_TOO_LARGE' });
  assert.deepEqual(
    fake.batches.flatMap(({ values }) => values),
    ['a', 'b', 'c', 'd'],
  );
});

test('where a partition refuses, the others are sent again whole before anything is halved', async () => {
  const fake = new FakeBrokers();
  const tried: string[][] = [];
  fake.onBatch = async (values) => {
    tried.push(values);
    if (values.includes('keyless')) throw broken({ type: 'INVALID_RECORD', retriable: false });
  };
  const sends = [fake.send('a', 0), fake.send('b', 1), fake.send('keyless', 1), fake.send('c', 0)];
  const outcomes = await fake.clock.until(Promise.allSettled(sends));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(tried, [['a', 'b', 'keyless', 'c'], ['a', 'c'], ['b', 'keyless'], ['b'], ['keyless']]);
  await assert.rejects(sends[2] ?? Promise.resolve(), { code: 'LOG_KEY_REQUIRED' });
});

test('a refusal fails at once, for all that waits', async () => {
  const fake = new FakeBrokers();
  fake.onBatch = async () => {
    throw broken({ type: 'TOPIC_AUTHORIZATION_FAILED', retriable: false });
  };
  const first = fake.send('a');
  const told = { code: 'KAFKA_NOT_AUTHORISED', canRetry: false };
  await Promise.all([assert.rejects(first, told), fake.clock.advance(5)]);
});

test('a full queue refuses the next send, and takes more when it has drained', async () => {
  const fake = new FakeBrokers({ queueBytes: 5000 });
  let release: () => void = () => {};
  fake.onBatch = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  const sends = [fake.send('x'.repeat(4000)), fake.send('x'.repeat(4000))];
  await assert.rejects(fake.send('one more'), { code: 'LOG_QUEUE_FULL', canRetry: true });
  await fake.clock.advance(5);
  release();
  await settled();
  release();
  await Promise.all(sends);
  const after = fake.send('again');
  await fake.clock.advance(5);
  release();
  await after;
});

test('close sends what waits', async () => {
  const fake = new FakeBrokers();
  const send = fake.send('a');
  await fake.lane.close();
  assert.equal((await send).length, 1);
});
