import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startIngest } from '../../../functions/ingest/ingest.ts';
import { liveConfig } from '../../../functions/ingest/ingest-config.ts';
import { MemoryStreamSource } from '../../../functions/ingest/memory-stream-source.ts';
import { parseLedgerEntry } from '../../../shared/ledger/ledger-entry.ts';
import type { AppendedRange, OutgoingRecord } from '../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** An ingest of one symbol whose log sends the ledger through `sendEntry`. */
function ingestWith(clock: VirtualClock, sendEntry: (records: readonly OutgoingRecord[]) => Promise<void>) {
  const config = liveConfig({
    symbols: ['BTCUSDT'],
    streams: ['trade'],
    streamUrl: 'ws://memory',
    microseconds: false,
    topics: DEFAULT_TOPIC_NAMES,
    reconnectDelayMs: 1_000,
    maxReconnectDelayMs: 60_000,
    gapWaitMs: 10_000,
  });
  return startIngest(config, {
    clock,
    random: () => 0,
    source: new MemoryStreamSource(),
    ledger: { task: 'ingest', rawOffsets: [5, 5, 5] },
    producer: {
      send: async (records): Promise<readonly AppendedRange[]> => {
        if (records[0]?.topic === DEFAULT_TOPIC_NAMES.ledger) await sendEntry(records);
        return [];
      },
      close: () => Promise.resolve(),
    },
  });
}

describe('LedgerWriter', () => {
  it('claims no id whose record the log has not acknowledged', async () => {
    const clock = new VirtualClock(1_723_161_600_000_000);
    const source = new MemoryStreamSource();
    const waiting: (() => void)[] = [];
    const sent: OutgoingRecord[] = [];
    const ingest = await startIngest(
      liveConfig({
        symbols: ['BTCUSDT'],
        streams: ['trade'],
        streamUrl: 'ws://memory',
        microseconds: false,
        topics: DEFAULT_TOPIC_NAMES,
        reconnectDelayMs: 1_000,
        maxReconnectDelayMs: 60_000,
        gapWaitMs: 10_000,
      }),
      {
        clock,
        random: () => 0,
        source,
        ledger: { task: 'ingest', rawOffsets: [5, 5, 5] },
        producer: {
          send: async (records): Promise<readonly AppendedRange[]> => {
            sent.push(...records);
            const [first] = records;
            if (first?.topic === DEFAULT_TOPIC_NAMES.rawTrades)
              await new Promise<void>((resolve) => waiting.push(resolve));
            return [{ topic: first?.topic ?? '', partition: 2, baseOffset: 40, count: records.length }];
          },
          close: () => Promise.resolve(),
        },
      },
    );
    await turns();
    const planned = sent.map(({ value }) => parseLedgerEntry(String(value)));
    assert.deepEqual(
      planned.map((entry) => [entry?.symbol, entry?.begun, entry?.rawOffset]),
      [['BTCUSDT', false, 5]],
      'an entry of a symbol of which nothing is known yet, before the sockets open',
    );
    sent.length = 0;
    const at = clock.nowUs() / 1_000;
    source.connections[0]?.deliver(
      Buffer.from(
        `{"stream":"btcusdt@trade","data":{"e":"trade","E":${at},"s":"BTCUSDT","t":7,"p":"1","q":"1","T":${at},"m":true,"M":true}}`,
      ),
      clock.nowUs(),
    );
    const entries = (): readonly OutgoingRecord[] =>
      sent.filter((record) => record.topic === DEFAULT_TOPIC_NAMES.ledger);
    clock.advance(6_000);
    await turns();
    assert.deepEqual(entries(), []);
    for (let round = 0; round < 3; round += 1) {
      for (const go of waiting.splice(0)) go();
      await turns();
      clock.advance(100);
    }
    const [begun] = entries().map(({ value }) => parseLedgerEntry(String(value)));
    assert.equal(entries()[0]?.key, 'BTCUSDT/ingest');
    const ranges = begun?.ids.ranges();
    assert.deepEqual([begun?.begun, ranges], [true, [{ from: 7, to: 7 }]], 'written as the watch began');
    assert.equal(begun?.rawOffset, 5, 'where the log stood when the ids were counted');
    clock.advance(6_000);
    await turns();
    const parsed = parseLedgerEntry(String(entries().at(-1)?.value));
    assert.deepEqual(parsed?.ids.ranges(), [{ from: 7, to: 7 }]);
    assert.ok((parsed?.rawOffset ?? 0) >= 5);
    const stopping = ingest.stop();
    for (let round = 0; round < 5; round += 1) {
      for (const go of waiting.splice(0)) go();
      await turns();
    }
    await stopping;
  });

  it('writes again what the log did not take, though nothing has changed since', async () => {
    const clock = new VirtualClock(1_723_161_600_000_000);
    let sent = 0;
    const ingest = await ingestWith(clock, async () => {
      sent += 1;
      if (sent < 3) throw new Error('the broker is away');
    });
    assert.equal(sent, 1);
    clock.advance(5_000);
    await turns();
    assert.equal(sent, 2);
    await ingest.stop();
    assert.equal(sent, 3, 'the stop too');
  });

  it('does not stop while an entry is on its way', async () => {
    const clock = new VirtualClock(1_723_161_600_000_000);
    let release: (() => void) | undefined;
    let isSlow = false;
    const ingest = await ingestWith(clock, async () => {
      if (isSlow)
        await new Promise<void>((resolve) => {
          release = resolve;
        });
    });
    isSlow = true;
    clock.advance(300_000);
    await turns();
    assert.ok(release !== undefined);
    let isStopped = false;
    const stopping = ingest.stop().then(() => {
      isStopped = true;
    });
    await turns();
    assert.equal(isStopped, false);
    release();
    await stopping;
  });
});
