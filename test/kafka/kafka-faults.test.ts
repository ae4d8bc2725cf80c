import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  type EventSourceMapping,
  startEventSourceMapping,
} from '../../infra/local/event-source-mapping/event-source-mapping.ts';
import { recordKey, recordValue } from '../../shared/log/event-records.ts';
import type { MSKEvent } from '../../shared/log/kafka-event.ts';
import type { Log } from '../../shared/log/log.ts';
import { MAPPINGS } from '../../shared/mappings.ts';
import { wallClock } from '../infra/local/log/wall-clock.ts';
import { skipWithoutBroker, startBroker } from './broker/find-broker.ts';
import type { OwnBroker, TestBroker } from './broker/test-broker.ts';
import { assertInLogOnce, NumberFeed, Seen } from './number-feed.ts';
import { closeTestLogs, freshName, openTestLog } from './open-test-log.ts';
import { TcpProxy } from './tcp-proxy.ts';

const [streaming] = MAPPINGS;
assert.ok(streaming !== undefined);
const SETTINGS = { ...streaming.settings, batchSize: 200 };

describe('faults of Kafka and of the way to it', { skip: skipWithoutBroker }, () => {
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker();
  });
  after(async () => {
    await closeTestLogs();
    await broker.close();
  });

  function ownBroker(): OwnBroker | undefined {
    return broker.own;
  }

  async function topicOn(log: Log, partitions = 6): Promise<string> {
    const name = freshName('faults');
    await log.ensureTopics([{ name, partitions, retentionMs: -1, compacted: false }]);
    return name;
  }

  function startMapping(
    log: Log,
    topic: string,
    seen: Seen,
    onBatch: () => Promise<void> = async () => {},
  ): Promise<EventSourceMapping> {
    return startEventSourceMapping({
      log,
      topic,
      groupId: `${topic}-group`,
      functionName: 'tested',
      settings: SETTINGS,
      clock: wallClock,
      handler: async (event) => {
        note(event, seen);
        await onBatch();
      },
    });
  }

  test('connections cut and stalled in the middle lose nothing, double nothing, and keep the order', async (t) => {
    const own = ownBroker();
    if (own === undefined) return t.skip('the broker has no proxied listener');
    const proxy = await TcpProxy.start(own.proxied.advertisedPort, own.proxied.port);
    const log = await openTestLog(`127.0.0.1:${own.proxied.advertisedPort}`);
    const topic = await topicOn(log);
    const seen = new Seen();
    const mapping = await startMapping(log, topic, seen);
    const feed = new NumberFeed(await log.producer(), topic);
    for (let round = 0; round < 6; round++) {
      const sending = feed.send(1000);
      await new Promise((resolve) => setTimeout(resolve, 30));
      if (round === 3) {
        proxy.stall();
        await new Promise((resolve) => setTimeout(resolve, 2000));
        proxy.resume();
      } else proxy.cut();
      await sending;
    }
    await mapping.idle();
    seen.assertComplete(6000);
    await assertInLogOnce(log, topic, 6000);
    assert.ok(proxy.connections > 6);
    await mapping.stop();
    await log.close();
    await proxy.close();
  });

  test('the broker killed and started again in the middle: every number once in the log, all processed', async (t) => {
    const own = ownBroker();
    if (own === undefined) return t.skip('the broker is not ours to kill');
    const log = await openTestLog(broker.plain);
    const topic = await topicOn(log);
    const seen = new Seen();
    const mapping = await startMapping(log, topic, seen);
    const feed = new NumberFeed(await log.producer(), topic);
    await feed.send(1000);
    const sending = feed.send(4000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await own.kill();
    assert.ok(feed.sent < 5000);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await own.start();
    await sending;
    await mapping.idle();
    seen.assertComplete(5000);
    await assertInLogOnce(log, topic, 5000);
    await mapping.stop();
    await log.close();
  });

  test('a consumer killed between processing and commit: the next one gets those records again', async () => {
    const log = await openTestLog(broker.plain);
    const topic = await topicOn(log, 2);
    await new NumberFeed(await log.producer(), topic).send(300);
    const child = fork(join(import.meta.dirname, 'consumer-process.ts'), [broker.plain, topic], {
      stdio: 'ignore',
    });
    const seen = new Seen();
    const [processed] = await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.ok(Array.isArray(processed) && processed.length > 0);
    for (const [symbol, number] of processed) seen.add(symbol, number);
    const before = seen.distinct;
    const mapping = await startMapping(log, topic, seen);
    await mapping.idle();
    seen.assertComplete(300);
    assert.ok(before > 0);
    assert.equal(mapping.status().committedEvents, 1500);
    await mapping.stop();
    await log.close();
  });

  test('a consumer that is slower than its session keeps its place, with a bounded buffer', async () => {
    const log = await openTestLog(broker.plain, { compression: 'none' });
    const topic = await topicOn(log, 2);
    const producer = await log.producer();
    const value = Buffer.alloc(100_000, 7);
    for (let i = 0; i < 30; i++) {
      await producer.send(
        Array.from({ length: 10 }, (_, n) => ({ topic, key: null, value, partition: n % 2 })),
      );
    }
    const consumer = await log.consumer({ groupId: `${topic}-group`, topic });
    const first = await consumer.fetch({ maxRecords: 1, maxBytes: 1, waitMs: 20_000 });
    const heldBytes = process.memoryUsage().external;
    await new Promise((resolve) => setTimeout(resolve, 8000));
    assert.ok(process.memoryUsage().external - heldBytes < 25_000_000);
    const offsets = first.map(({ partition, offset }) => `${partition}/${offset}`);
    while (offsets.length < 300) {
      const records = await consumer.fetch({ maxRecords: 50, maxBytes: 4_000_000, waitMs: 20_000 });
      assert.ok(records.length > 0);
      offsets.push(...records.map(({ partition, offset }) => `${partition}/${offset}`));
    }
    assert.equal(new Set(offsets).size, 300);
    assert.equal(offsets.length, 300);
    await log.close();
  });

  test('members that come and go in the middle of the stream lose nothing and keep the order', async () => {
    const log = await openTestLog(broker.plain);
    const other = await openTestLog(broker.plain);
    const topic = await topicOn(log);
    const seen = new Seen();
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
    const first = await startMapping(log, topic, seen, slow);
    const feed = new NumberFeed(await log.producer(), topic);
    const sending = feed.send(6000);
    const second = await startMapping(other, topic, seen, slow);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await second.stop();
    await sending;
    await first.idle();
    seen.assertComplete(6000);
    await first.stop();
    await other.close();
    await log.close();
  });
});

function note(event: MSKEvent, seen: Seen): void {
  for (const records of Object.values(event.records)) {
    for (const record of records) seen.add(String(recordKey(record)), Number(recordValue(record)));
  }
}
