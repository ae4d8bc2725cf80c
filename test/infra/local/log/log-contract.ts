import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type {
  AppendedRange,
  Log,
  LogConsumer,
  LogRecord,
  OutgoingRecord,
  TopicSpec,
} from '../../../../shared/log/log.ts';

/** What the contract needs of a log. */
export interface LogUnderTest {
  readonly log: Log;
  /** Ends it, with whatever it runs on. */
  close(): Promise<void>;
}

const LIMITS = { maxRecords: 1000, maxBytes: 4_000_000, waitMs: 5000 } as const;

/** The behaviour that every log has: embedded, in memory, Kafka. */
export function logContract(name: string, open: () => Promise<LogUnderTest>): void {
  describe(`the log contract on ${name}`, () => {
    let under: LogUnderTest;
    let count = 0;

    before(async () => {
      under = await open();
    });
    after(async () => {
      await under.close();
    });

    /** A topic of its own for a test. */
    async function topic(spec: Partial<TopicSpec> = {}): Promise<string> {
      const name = `contract-${process.pid}-${Date.now()}-${++count}`;
      await under.log.ensureTopics([{ name, partitions: 3, retentionMs: -1, compacted: false, ...spec }]);
      return name;
    }

    async function send(records: readonly OutgoingRecord[]): Promise<readonly AppendedRange[]> {
      const producer = await under.log.producer();
      try {
        return await producer.send(records);
      } finally {
        await producer.close();
      }
    }

    async function fetchCount(consumer: LogConsumer, wanted: number): Promise<LogRecord[]> {
      const found: LogRecord[] = [];
      const deadline = Date.now() + 60_000;
      while (found.length < wanted && Date.now() < deadline) found.push(...(await consumer.fetch(LIMITS)));
      return found;
    }

    test('records come back as they were sent: key, value, headers, nulls and large values', async () => {
      const to = await topic({ partitions: 1 });
      const large = Buffer.alloc(900_000, 7);
      await send([
        {
          topic: to,
          key: 'BTCUSDT',
          value: 'text',
          headers: [
            ['m', 'v1|é'],
            ['m', ''],
          ],
        },
        { topic: to, key: null, value: large },
        { topic: to, key: 'ETHUSDT', value: null },
        { topic: to, key: '', value: Buffer.from([0, 255, 128]) },
      ]);
      const reader = await under.log.reader();
      const records: LogRecord[] = [];
      while (records.length < 4) {
        records.push(...(await reader.read({ topic: to, partition: 0, offset: records.length }, 10)));
      }
      assert.deepEqual(
        records.map(({ offset }) => offset),
        [0, 1, 2, 3],
      );
      assert.equal(records[0]?.key?.toString(), 'BTCUSDT');
      assert.equal(records[0]?.value?.toString(), 'text');
      assert.deepEqual(
        records[0]?.headers.map(({ key, value }) => [key, value.toString()]),
        [
          ['m', 'v1|é'],
          ['m', ''],
        ],
      );
      assert.equal(records[1]?.key, null);
      assert.ok(records[1]?.value?.equals(large));
      assert.equal(records[2]?.value, null);
      assert.ok(records[3]?.value?.equals(Buffer.from([0, 255, 128])));
    });

    test('a key always goes to the partition that murmur2 says, a keyless record to 0', async () => {
      const to = await topic({ partitions: 6 });
      const ranges = await send([
        { topic: to, key: 'BTCUSDT', value: 'a' },
        { topic: to, key: 'ETHUSDT', value: 'b' },
        { topic: to, key: 'BNBUSDT', value: 'c' },
      ]);
      // Java: Utils.toPositive(Utils.murmur2(key)) % 6
      const reader = await under.log.reader();
      for (const { partition, baseOffset } of ranges) {
        const [record] = await reader.read({ topic: to, partition, offset: baseOffset }, 1);
        const expected = { BTCUSDT: 2, ETHUSDT: 5, BNBUSDT: 3 }[String(record?.key)];
        assert.equal(partition, expected, String(record?.key));
      }
      const [keyless] = await send([{ topic: to, key: null, value: 'd' }]);
      assert.equal(keyless?.partition, 0);
      const [named] = await send([{ topic: to, key: 'BTCUSDT', value: 'e', partition: 5 }]);
      assert.equal(named?.partition, 5);
    });

    test('a send says where its records came to stand, and offsets run on without holes', async () => {
      const to = await topic({ partitions: 2 });
      const producer = await under.log.producer();
      const sends = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          producer.send([
            { topic: to, key: null, value: `a${i}`, partition: 0 },
            { topic: to, key: null, value: `b${i}`, partition: 1 },
            { topic: to, key: null, value: `c${i}`, partition: 0 },
          ]),
        ),
      );
      await producer.close();
      const reader = await under.log.reader();
      const offsets: number[] = [];
      for (const [i, ranges] of sends.entries()) {
        assert.equal(
          ranges.reduce((sum, range) => sum + range.count, 0),
          3,
        );
        const zero = ranges.find(({ partition }) => partition === 0);
        assert.ok(zero !== undefined);
        for (let n = 0; n < zero.count; n++) offsets.push(zero.baseOffset + n);
        const [first] = await reader.read({ topic: to, partition: 0, offset: zero.baseOffset }, 1);
        assert.equal(first?.value?.toString(), `a${i}`);
      }
      assert.deepEqual(
        offsets,
        Array.from({ length: 40 }, (_, i) => i),
      );
      assert.deepEqual(await reader.bounds(to, 0), { first: 0, next: 40 });
      assert.deepEqual(await reader.bounds(to, 1), { first: 0, next: 20 });
      assert.deepEqual(await reader.read({ topic: to, partition: 1, offset: 20 }, 10), []);
    });

    test('one send may go to several topics, and says where in each', async () => {
      const [one, two] = [await topic({ partitions: 1 }), await topic({ partitions: 1 })];
      const ranges = await send([
        { topic: one, key: null, value: 'a' },
        { topic: two, key: null, value: 'b' },
        { topic: one, key: null, value: 'c' },
      ]);
      assert.deepEqual(
        ranges.toSorted((a, b) => a.count - b.count),
        [
          { topic: two, partition: 0, baseOffset: 0, count: 1 },
          { topic: one, partition: 0, baseOffset: 0, count: 2 },
        ],
      );
    });

    test('headers and keys that are no text come back byte for byte', async () => {
      const to = await topic({ partitions: 1 });
      const bytes = Buffer.from([0, 200, 255]);
      await send([{ topic: to, key: bytes, value: null, headers: [['h', bytes]] }]);
      const [record] = await (await under.log.reader()).read({ topic: to, partition: 0, offset: 0 }, 1);
      assert.ok(record?.key?.equals(bytes));
      assert.ok(record?.headers[0]?.value.equals(bytes));
    });

    test('records of one key keep their order through many small sends', async () => {
      const to = await topic();
      const producer = await under.log.producer();
      const pending: Promise<unknown>[] = [];
      for (let i = 0; i < 500; i++) {
        pending.push(producer.send([{ topic: to, key: `S${i % 7}`, value: String(i) }]));
      }
      await Promise.all(pending);
      await producer.close();
      const consumer = await under.log.consumer({ groupId: `${to}-order`, topic: to });
      const records = await fetchCount(consumer, 500);
      await consumer.close();
      const last = new Map<string, number>();
      for (const record of records) {
        const key = String(record.key);
        assert.ok(Number(record.value) > (last.get(key) ?? -1));
        last.set(key, Number(record.value));
      }
      assert.equal(records.length, 500);
    });

    test('what was fetched and not committed comes again to the next member', async () => {
      const to = await topic({ partitions: 1 });
      await send(Array.from({ length: 10 }, (_, i) => ({ topic: to, key: null, value: String(i) })));
      const groupId = `${to}-again`;
      const first = await under.log.consumer({ groupId, topic: to });
      await fetchCount(first, 10);
      await first.commit([{ topic: to, partition: 0, next: 4 }]);
      assert.deepEqual(await first.lag(), [{ topic: to, partition: 0, records: 6 }]);
      await first.close();
      const second = await under.log.consumer({ groupId, topic: to });
      const records = await fetchCount(second, 6);
      assert.deepEqual(
        records.map(({ offset }) => offset),
        [4, 5, 6, 7, 8, 9],
      );
      await second.close();
    });

    test('rewind goes back to what was committed', async () => {
      const to = await topic({ partitions: 1 });
      await send(Array.from({ length: 6 }, (_, i) => ({ topic: to, key: null, value: String(i) })));
      const consumer = await under.log.consumer({ groupId: `${to}-rewind`, topic: to });
      await fetchCount(consumer, 6);
      await consumer.commit([{ topic: to, partition: 0, next: 2 }]);
      await consumer.rewind([{ topic: to, partition: 0 }]);
      const again = await fetchCount(consumer, 4);
      assert.deepEqual(
        again.map(({ offset }) => offset),
        [2, 3, 4, 5],
      );
      await consumer.close();
    });

    test('two members of a group share the partitions, and one that leaves hands its own on', async () => {
      const to = await topic({ partitions: 4 });
      const groupId = `${to}-shared`;
      const one = await under.log.consumer({ groupId, topic: to });
      const two = await under.log.consumer({ groupId, topic: to });
      const shares = async () => [(await one.lag()).length, (await two.lag()).length];
      const deadline = Date.now() + 60_000;
      while ((await shares()).join() !== '2,2' && Date.now() < deadline) {
        await Promise.all([one, two].map((member) => member.fetch({ ...LIMITS, waitMs: 100 })));
      }
      assert.deepEqual(await shares(), [2, 2]);
      await one.close();
      await send(
        [0, 1, 2, 3].map((partition) => ({ topic: to, key: null, value: String(partition), partition })),
      );
      // The group may settle after the first records were fetched: then they come a second time.
      const seen = new Set<number>();
      const end = Date.now() + 60_000;
      while (seen.size < 4 && Date.now() < end) {
        for (const { partition } of await two.fetch(LIMITS)) seen.add(partition);
      }
      assert.deepEqual([...seen].sort(), [0, 1, 2, 3]);
      await two.close();
    });

    test('a commit of a partition that is not owned changes nothing', async () => {
      const to = await topic({ partitions: 1 });
      await send([{ topic: to, key: null, value: 'x' }]);
      const groupId = `${to}-foreign`;
      const owner = await under.log.consumer({ groupId, topic: to });
      await owner.commit([{ topic: to, partition: 7, next: 1 }]);
      const records = await fetchCount(owner, 1);
      assert.equal(records[0]?.offset, 0);
      await owner.close();
    });

    test('a fetch keeps to its limits, but always gives one record', async () => {
      const to = await topic({ partitions: 1 });
      await send(Array.from({ length: 8 }, () => ({ topic: to, key: null, value: Buffer.alloc(1000) })));
      const consumer = await under.log.consumer({ groupId: `${to}-limits`, topic: to });
      assert.equal((await consumer.fetch({ maxRecords: 3, maxBytes: 1e6, waitMs: 20_000 })).length, 3);
      assert.equal((await consumer.fetch({ maxRecords: 10, maxBytes: 2500, waitMs: 20_000 })).length, 2);
      assert.equal((await consumer.fetch({ maxRecords: 10, maxBytes: 10, waitMs: 20_000 })).length, 1);
      await consumer.close();
    });

    test('a waiting fetch wakes when a record comes, and when the consumer is closed', async () => {
      const to = await topic({ partitions: 1 });
      const consumer = await under.log.consumer({ groupId: `${to}-wake`, topic: to });
      const waiting = consumer.fetch({ ...LIMITS, waitMs: Number.POSITIVE_INFINITY });
      await send([{ topic: to, key: null, value: 'now' }]);
      assert.equal((await waiting)[0]?.value?.toString(), 'now');
      const closing = consumer.fetch({ ...LIMITS, waitMs: Number.POSITIVE_INFINITY });
      await consumer.close();
      assert.deepEqual(await closing, []);
      const closed = { code: 'LOG_CLOSED' };
      await assert.rejects(consumer.fetch({ ...LIMITS, waitMs: 0 }), closed);
      await assert.rejects(consumer.commit([{ topic: to, partition: 0, next: 1 }]), closed);
    });

    test('groups read the same topic apart from each other', async () => {
      const to = await topic({ partitions: 1 });
      await send([{ topic: to, key: null, value: 'x' }]);
      for (const groupId of [`${to}-g1`, `${to}-g2`]) {
        const consumer = await under.log.consumer({ groupId, topic: to });
        assert.equal((await fetchCount(consumer, 1)).length, 1);
        await consumer.commit([{ topic: to, partition: 0, next: 1 }]);
        await consumer.close();
      }
    });

    test('existing topics are checked, and differences are told in words', async () => {
      const name = await topic({ partitions: 2 });
      const same = { name, partitions: 2, retentionMs: -1, compacted: false };
      assert.deepEqual(await under.log.ensureTopics([same]), []);
      const differences = await under.log.ensureTopics([{ ...same, partitions: 6, retentionMs: 1000 }]);
      assert.equal(differences.length, 2);
      assert.match(differences.join('\n'), /partitions 2; the settings ask for 6/);
      assert.match(differences.join('\n'), /retention\.ms -1; the settings ask for 1000/);
    });

    test('an unknown topic is told by code, for reading, sending and consuming', async () => {
      const name = `nowhere-${process.pid}-${Date.now()}`;
      const unknown = { code: 'LOG_UNKNOWN_TOPIC' };
      const reader = await under.log.reader();
      await assert.rejects(reader.partitions(name), unknown);
      await assert.rejects(send([{ topic: name, key: null, value: 'x' }]), unknown);
      await assert.rejects(under.log.consumer({ groupId: 'g', topic: name }), unknown);
    });

    test('a record without a key is refused by a compacted topic', async () => {
      const to = await topic({ partitions: 1, compacted: true });
      await assert.rejects(send([{ topic: to, key: null, value: 'x' }]), { code: 'LOG_KEY_REQUIRED' });
      await send([{ topic: to, key: 'k', value: 'x' }]);
    });

    test('a closed producer says so', async () => {
      const to = await topic({ partitions: 1 });
      const producer = await under.log.producer();
      await producer.close();
      await assert.rejects(producer.send([{ topic: to, key: null, value: 'x' }]), { code: 'LOG_CLOSED' });
    });
  });
}
