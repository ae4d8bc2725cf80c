import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import kafkajs from 'kafkajs';
import Connection from 'kafkajs/src/network/connection.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { createCluster, cureKafkajs } from '../../../../functions/adapters/kafka/kafkajs-internals.ts';

const require = createRequire(import.meta.url);

cureKafkajs();
cureKafkajs();

test('kafkajs is the version whose inside is known', () => {
  assert.equal(require('kafkajs/package.json').version, '2.2.4');
});

test('an empty request queue plans no look at itself, one that waits does', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const queue = { pending: [], throttledUntil: -1, throttleCheckTimeoutId: null };
  const plan = RequestQueue.prototype.scheduleCheckPendingRequests;
  Reflect.apply(plan, queue, []);
  assert.equal(queue.throttleCheckTimeoutId, null);
  const waiting = { ...queue, pending: [{}] };
  Reflect.apply(plan, waiting, []);
  assert.notEqual(waiting.throttleCheckTimeoutId, null);
});

test('a connection begins without the bytes of the one before it', async () => {
  const options = {
    host: '127.0.0.1',
    port: 1,
    logger: { namespace: () => ({ debug: () => {}, error: () => {} }) },
    socketFactory: () => {
      throw new Error('no socket in this test');
    },
    connectionTimeout: 10,
  };
  const connection = Reflect.construct(Connection, [options]);
  connection.chunks = [Buffer.from([0, 0])];
  connection.bytesBuffered = 2;
  connection.bytesNeeded = 100;
  await assert.rejects(connection.connect());
  assert.deepEqual([connection.chunks, connection.bytesBuffered, connection.bytesNeeded], [[], 0, 4]);
});

test('a client gives a cluster to fetch from without a group', () => {
  const kafka = new kafkajs.Kafka({ brokers: ['127.0.0.1:1'], logLevel: kafkajs.logLevel.NOTHING });
  const cluster = createCluster(kafka);
  for (const name of ['connect', 'disconnect', 'findBroker', 'findLeaderForPartitions', 'addTargetTopic']) {
    assert.equal(typeof Reflect.get(cluster, name), 'function', name);
  }
});
