import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KafkaLogReader, type KafkaReaderDeps } from '../../../../functions/adapters/kafka/kafka-reader.ts';

/** A reader of a broker that gives these offsets, one answer after the other; the partition reaches to 10. */
function readerOf(answers: readonly (readonly number[])[]) {
  let asked = 0;
  const broker = {
    findGroupCoordinator: async () => undefined,
    fetch: async () => {
      const offsets = answers[Math.min(asked, answers.length - 1)] ?? [];
      asked += 1;
      const messages = offsets.map((offset) => ({
        offset: String(offset),
        timestamp: '0',
        key: null,
        value: null,
        headers: {},
      }));
      return { responses: [{ partitions: [{ highWatermark: '10', messages }] }] };
    },
  };
  const cluster: KafkaReaderDeps['cluster'] = {
    getNodeIds: () => ['1'],
    connect: async () => {},
    disconnect: async () => {},
    isConnected: () => true,
    addTargetTopic: async () => {},
    refreshMetadata: async () => {},
    findTopicPartitionMetadata: () => [{ partitionId: 0 }],
    findLeaderForPartitions: () => ({ 1: [0] }),
    findBroker: async () => broker,
  };
  const after = (_: number, task: () => void) => {
    setImmediate(task);
    return { cancel: () => {} };
  };
  const clock = { nowUs: () => 0, after };
  // The admin is asked for bounds alone, which are not read here.
  const admin = {} as KafkaReaderDeps['admin'];
  const reader = new KafkaLogReader({ admin, brokers: '', clock, cluster, partitions: async () => 1 });
  return {
    read: (offset: number) => reader.read({ topic: 't', partition: 0, offset }, 100),
    asked: () => asked,
  };
}

describe('reading Kafka without a group', () => {
  it('asks again where a broker that throttles gives nothing before the end', async () => {
    const { read, asked } = readerOf([[], [], [3, 4]]);
    assert.deepEqual(
      (await read(3)).map(({ offset }) => offset),
      [3, 4],
    );
    assert.equal(asked(), 3);
  });

  it('gives none at the end at once, and where nothing comes for long', async () => {
    const end = readerOf([[]]);
    assert.deepEqual(await end.read(10), []);
    assert.equal(end.asked(), 1);
    const empty = readerOf([[]]);
    assert.deepEqual(await empty.read(9), []);
    assert.equal(empty.asked(), 6);
  });
});
