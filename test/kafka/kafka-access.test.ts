import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { after, before, describe, test } from 'node:test';
import kafkajs from 'kafkajs';
import { CodedError } from '../../shared/coded-error.ts';
import type { Log } from '../../shared/log/log.ts';
import type { KafkaSecurity } from '../../shared/settings/kafka-settings.ts';
import { skipWithoutBroker, startBroker } from './broker/find-broker.ts';
import { freePort } from './broker/free-port.ts';
import { type TestBroker, USER } from './broker/test-broker.ts';
import { closeTestLogs, freshName, openTestLog } from './open-test-log.ts';

const password = (mechanism: 'plain' | 'scram-sha-512', secret: string = USER.password): KafkaSecurity => ({
  kind: 'password',
  mechanism,
  tls: false,
  username: USER.username,
  password: secret,
});

describe('reaching a real Kafka, and being refused by it', { skip: skipWithoutBroker }, () => {
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker();
  });
  after(async () => {
    await closeTestLogs();
    await broker.close();
  });

  for (const mechanism of ['scram-sha-512', 'plain'] as const) {
    test(`a login by ${mechanism} sends and reads what it may`, async (t) => {
      if (broker.own === undefined) return t.skip('the broker has no listener with a login');
      const topic = freshName('allowed');
      const admin = await openTestLog(broker.plain);
      await admin.ensureTopics([{ name: topic, partitions: 1, retentionMs: -1, compacted: false }]);
      await allow(broker.plain, topic);
      const log = await openTestLog(broker.own.sasl, { security: password(mechanism) });
      await (await log.producer()).send([{ topic, key: 'k', value: 'v' }]);
      const consumer = await log.consumer({ groupId: `${topic}-group`, topic });
      const [record] = await consumer.fetch({ maxRecords: 1, maxBytes: 1000, waitMs: 20_000 });
      assert.equal(String(record?.value), 'v');
      await consumer.commit([{ topic, partition: 0, next: 1 }]);
      assert.deepEqual(await consumer.lag(), [{ topic, partition: 0, records: 0 }]);
      await log.close();
      await admin.close();
    });

    test(`a wrong password by ${mechanism} is told as a refused login, with the settings to look at`, async (t) => {
      if (broker.own === undefined) return t.skip('the broker has no listener with a login');
      const error = await failure(openTestLog(broker.own.sasl, { security: password(mechanism, 'wrong') }));
      assert.equal(error.code, 'KAFKA_LOGIN_REFUSED');
      assert.equal(error.canRetry, false);
      assert.match(error.message, /KAFKA_PASSWORD/);
    });
  }

  test('a topic without permission is told by name, for sending and for consuming', async (t) => {
    if (broker.own === undefined) return t.skip('the broker has no listener with a login');
    const topic = freshName('forbidden');
    const admin = await openTestLog(broker.plain);
    await admin.ensureTopics([{ name: topic, partitions: 1, retentionMs: -1, compacted: false }]);
    const log = await openTestLog(broker.own.sasl, { security: password('scram-sha-512') });
    const refused = async (work: Promise<unknown>) => {
      const error = await failure(work);
      assert.equal(error.code, 'KAFKA_NOT_AUTHORISED');
      assert.equal(error.canRetry, false);
      assert.match(error.message, new RegExp(topic));
    };
    await refused((await log.producer()).send([{ topic, key: null, value: 'x' }]));
    await refused(log.consumer({ groupId: 'g', topic }));
    await allow(broker.plain, topic, kafkajs.AclOperationTypes.DESCRIBE);
    await refused((await log.producer()).send([{ topic, key: null, value: 'x' }]));
    await log.close();
    await admin.close();
  });

  test('a group without permission is told by name', async (t) => {
    if (broker.own === undefined) return t.skip('the broker has no listener with a login');
    const topic = freshName('no-group');
    const admin = await openTestLog(broker.plain);
    await admin.ensureTopics([{ name: topic, partitions: 1, retentionMs: -1, compacted: false }]);
    await allow(broker.plain, topic);
    const log = await openTestLog(broker.own.sasl, { security: password('scram-sha-512') });
    const error = await failure(log.consumer({ groupId: 'somebody-else', topic }));
    assert.equal(error.code, 'KAFKA_NOT_AUTHORISED');
    assert.match(error.message, /group somebody-else/);
    await log.close();
    await admin.close();
  });

  test('an address where nothing listens is told with the setting to change', async () => {
    const port = await freePort();
    const error = await failure(openTestLog(`127.0.0.1:${port}`));
    assert.equal(error.code, 'KAFKA_UNREACHABLE');
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}.*KAFKA_BOOTSTRAP_SERVERS`, 's'));
  });

  test('a record over the limit is refused by itself; what was sent with it arrives', async () => {
    const log = await openTestLog(broker.plain, { compression: 'none' });
    const topic = freshName('large');
    await log.ensureTopics([{ name: topic, partitions: 1, retentionMs: -1, compacted: false }]);
    const producer = await log.producer();
    const send = (value: string | Buffer) => producer.send([{ topic, key: null, value }]);
    const [before, large, after] = await Promise.allSettled([
      send('before'),
      send(Buffer.alloc(3_000_000, 1)),
      send('after'),
    ]);
    assert.equal(before?.status, 'fulfilled');
    assert.equal(after?.status, 'fulfilled');
    assert.ok(large?.status === 'rejected' && large.reason instanceof CodedError);
    assert.equal(large.reason.code, 'LOG_RECORD_TOO_LARGE');
    assert.match(large.reason.message, new RegExp(topic));
    assert.deepEqual(await values(log, topic), ['before', 'after']);
    await log.close();
  });

  test('the bounds of a topic are read while others are looked up for the first time', async () => {
    const log = await openTestLog(broker.plain);
    const known = freshName('known');
    const fresh = Array.from({ length: 20 }, () => freshName('fresh'));
    await log.ensureTopics(
      [known, ...fresh].map((name) => ({ name, partitions: 3, retentionMs: -1, compacted: false })),
    );
    const [reader, producer] = [await log.reader(), await log.producer()];
    // kafkajs' admin forgot a topic's partitions at the moment when it was asked for those of another.
    let isOver = false;
    const asking = Array.from({ length: 3 }, async () => {
      while (!isOver) assert.deepEqual(await reader.bounds(known, 0), { first: 0, next: 0 });
    });
    for (const topic of fresh) await producer.send([{ topic, key: null, value: 'x' }]);
    isOver = true;
    await Promise.all(asking);
    await log.close();
  });

  test('every codec is written and read back, also by a client with another setting', async () => {
    const log = await openTestLog(broker.plain);
    const topic = freshName('codecs');
    await log.ensureTopics([{ name: topic, partitions: 1, retentionMs: -1, compacted: false }]);
    const sent: string[] = [];
    for (const compression of ['zstd', 'lz4', 'gzip', 'none'] as const) {
      const other = await openTestLog(broker.plain, { compression });
      const value = `${compression} `.repeat(1000);
      sent.push(value);
      await (await other.producer()).send([{ topic, key: 'k', value, headers: [['m', compression]] }]);
      await other.close();
    }
    assert.deepEqual(await values(log, topic), sent);
    await log.close();
  });

  test('an idle producer, consumer and reader hardly wake: the polling loop of kafkajs stays cured', async () => {
    const log = await openTestLog(broker.plain);
    const topic = freshName('idle');
    await log.ensureTopics([{ name: topic, partitions: 3, retentionMs: -1, compacted: false }]);
    const producer = await log.producer();
    await producer.send([{ topic, key: null, value: 'x' }]);
    const consumer = await log.consumer({ groupId: `${topic}-group`, topic });
    await consumer.fetch({ maxRecords: 10, maxBytes: 1000, waitMs: 20_000 });
    await (await log.reader()).read({ topic, partition: 0, offset: 0 }, 10);
    // Seeds and brokers of admin, producer, consumer and reader.
    const connections = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
    assert.ok(connections >= 4);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const loops = performance.nodeTiming.uvMetricsInfo.loopCount;
    const cpu = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const wakeUps = (performance.nodeTiming.uvMetricsInfo.loopCount - loops) / 3 / connections;
    const { user, system } = process.cpuUsage(cpu);
    // Per connection ten looks a second for requests that timed out, and the polls; uncured it is 900.
    assert.ok(wakeUps < 20, `${wakeUps} wake-ups a second and connection`);
    assert.ok((user + system) / 3e6 < 0.1, `${(user + system) / 3e4} % of a core`);
    await log.close();
  });
});

/** Lets the user do all with the topics and groups of a prefix, or one thing. */
async function allow(
  server: string,
  prefix: string,
  operation = kafkajs.AclOperationTypes.ALL,
): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers: [server], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const types = [kafkajs.AclResourceTypes.TOPIC, kafkajs.AclResourceTypes.GROUP];
  await admin.createAcls({
    acl: types.map((resourceType) => ({
      resourceType,
      resourceName: prefix,
      resourcePatternType: kafkajs.ResourcePatternTypes.PREFIXED,
      principal: `User:${USER.username}`,
      host: '*',
      operation,
      permissionType: kafkajs.AclPermissionTypes.ALLOW,
    })),
  });
  await admin.disconnect();
}

async function failure(work: Promise<unknown>): Promise<CodedError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason) => reason,
  );
  assert.ok(error instanceof CodedError, String(error));
  return error;
}

async function values(log: Log, topic: string): Promise<string[]> {
  const reader = await log.reader();
  const { next } = await reader.bounds(topic, 0);
  const found: string[] = [];
  while (found.length < next) {
    const records = await reader.read({ topic, partition: 0, offset: found.length }, 100);
    found.push(...records.map(({ value }) => String(value)));
  }
  return found;
}
