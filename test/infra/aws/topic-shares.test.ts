import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SIZE_TABLE } from '../../../infra/aws/sizes.ts';
import { topicRetentionBytes } from '../../../infra/aws/topic-shares.ts';
import { DEFAULT_TOPIC_NAMES, topicSpecs } from '../../../shared/log/topics.ts';
import { STREAM_TYPES, type StreamType } from '../../../shared/stream-type.ts';

const GIB = 1_073_741_824;
/** Kafka's own default: a partition exceeds its bound by the segment that is still written. */
const SEGMENT_BYTES = GIB;
const names = DEFAULT_TOPIC_NAMES;

describe('what a topic may hold', () => {
  for (const size of [SIZE_TABLE.dev, SIZE_TABLE.standard]) {
    for (const streams of [STREAM_TYPES, ['trade'], ['bookTicker'], ['kline_1m']] as StreamType[][]) {
      test(`fills no broker of size ${size.name}, with ${streams.join(', ')}`, () => {
        const { broker, replication } = size;
        assert.ok(broker.storageGib !== null);
        const bytes = topicRetentionBytes(size, streams);
        const all = topicSpecs(names).reduce(
          (sum, { name, partitions }) => sum + partitions * ((bytes.get(name) ?? 0) + SEGMENT_BYTES),
          0,
        );
        assert.ok((all * replication) / broker.count <= broker.storageGib.most * GIB);
        for (const each of bytes.values()) assert.ok(each > 0.25 * GIB, `${each} bytes`);
      });
    }
  }

  test('goes by the bytes that are expected: quotes get most, and all where nothing else is watched', () => {
    const of = (streams: readonly StreamType[]) => topicRetentionBytes(SIZE_TABLE.dev, streams);
    const both = of(STREAM_TYPES);
    assert.ok((both.get(names.rawQuotes) ?? 0) > 2 * (both.get(names.rawTrades) ?? 0));
    assert.ok((of(['trade']).get(names.rawTrades) ?? 0) > 3 * (both.get(names.rawTrades) ?? 0));
  });

  test('has a week of the three default symbols, of which each has a partition to itself', () => {
    const bytes = topicRetentionBytes(SIZE_TABLE.dev, STREAM_TYPES);
    const week = 7 * 86_400;
    assert.ok((bytes.get(names.rawQuotes) ?? 0) > 150 * 110 * week);
    assert.ok((bytes.get(names.quotes) ?? 0) > 150 * 120 * week);
    assert.ok((bytes.get(names.trades) ?? 0) > 48.5 * 120 * week);
  });

  test('is bounded neither for the ledger nor on Express brokers', () => {
    assert.equal(topicRetentionBytes(SIZE_TABLE.dev, STREAM_TYPES).has(names.ledger), false);
    assert.equal(topicRetentionBytes(SIZE_TABLE.express, STREAM_TYPES).size, 0);
  });
});
