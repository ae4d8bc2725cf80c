import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { claimFolder, type FeedIdentity } from '../../../../infra/local/data-folder/feed-claim.ts';
import { openMemoryLog } from '../../../../infra/local/log/memory-log.ts';
import { claimTopics } from '../../../../infra/local/pipeline/claim-topics.ts';
import type { Log } from '../../../../shared/log/log.ts';
import { VirtualClock } from '../../../../shared/virtual-clock.ts';

const REPLAY: FeedIdentity = { kind: 'replay', of: 'abc', description: 'a recording' };
const OTHER: FeedIdentity = { kind: 'simulated', of: '1', description: 'simulated market of seed 1' };
const GROUP = { groupId: 'market-monitor.validate-trades', topic: 'raw' };

describe('claimTopics', () => {
  let root: string;
  let log: Log;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'claim-topics-'));
    log = openMemoryLog({ clock: new VirtualClock(0) });
    await log.ensureTopics([
      { name: 'ledger', partitions: 1, retentionMs: -1, compacted: true },
      { name: 'raw', partitions: 2, retentionMs: -1, compacted: false },
    ]);
  });
  afterEach(async () => {
    await log.close();
    rmSync(root, { recursive: true, force: true });
  });

  async function claim(folder: string, feed: FeedIdentity | null): Promise<void> {
    const dir = join(root, folder);
    if (feed !== null) await claimFolder(dir, feed);
    await claimTopics({ log, ledgerTopic: 'ledger', groups: [GROUP], dir });
  }

  async function claims(): Promise<number> {
    const { next } = await (await log.reader()).bounds('ledger', 0);
    return next;
  }

  it('lets the folder that came first go on, and claims once', async () => {
    await claim('first', REPLAY);
    await claim('first', REPLAY);
    assert.equal(await claims(), 1);
  });

  it('refuses another feed, and names the one that is there', async () => {
    await claim('first', REPLAY);
    await assert.rejects(claim('second', OTHER), {
      code: 'KAFKA_TOPICS_OTHER_FEED',
      message: /replay, a recording.*KAFKA_RAW_TRADES_TOPIC/,
    });
  });

  it('lets a new folder of the same feed read everything again, and refuses the old one from then on', async () => {
    await claim('first', REPLAY);
    const producer = await log.producer();
    const values = ['0', '1', '2', '3'];
    await producer.send(values.map((value, at) => ({ topic: 'raw', key: null, value, partition: at % 2 })));
    assert.equal((await readAll()).length, 4);
    assert.equal((await readAll()).length, 0);
    await claim('second', REPLAY);
    assert.deepEqual((await readAll()).sort(), values);
    await assert.rejects(claim('first', REPLAY), { code: 'KAFKA_TOPICS_OTHER_FOLDER' });
    await claim('second', REPLAY);
  });

  it('asks nothing of a folder without a feed', async () => {
    await claim('bench', null);
    assert.equal(await claims(), 0);
  });

  async function readAll(): Promise<string[]> {
    const consumer = await log.consumer(GROUP);
    const values: string[] = [];
    for (;;) {
      const records = await consumer.fetch({ maxRecords: 10, maxBytes: 1_000, waitMs: 0 });
      if (records.length === 0) break;
      values.push(...records.map(({ value }) => String(value)));
      await consumer.commit(
        records.map(({ topic, partition, offset }) => ({ topic, partition, next: offset + 1 })),
      );
    }
    await consumer.close();
    return values;
  }
});
