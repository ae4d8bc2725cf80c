import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { settingsOrUsage } from '../../../../infra/local/cli/command-settings.ts';
import { openMemoryLog } from '../../../../infra/local/log/memory-log.ts';
import { startPipeline } from '../../../../infra/local/pipeline/start-pipeline.ts';
import { systemClock } from '../../../../infra/local/system-clock.ts';
import { CodedError } from '../../../../shared/coded-error.ts';
import type { Log, LogConsumer } from '../../../../shared/log/log.ts';

const settings = settingsOrUsage({}, {});

/** The log with another consumer for the dead letters. */
function withDeadLetters(log: Log, consumer: () => Promise<LogConsumer>): Log {
  return {
    ensureTopics: (topics) => log.ensureTopics(topics),
    producer: () => log.producer(),
    reader: () => log.reader(),
    consumer: (options) => (options.topic === settings.deadLettersTopic ? consumer() : log.consumer(options)),
    close: () => log.close(),
  };
}

const REFUSED = new CodedError('KAFKA_NOT_AUTHORISED', 'no permission for the group');

describe('startPipeline', () => {
  const dir = mkdtempSync(join(tmpdir(), 'start-pipeline-'));
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('leaves nothing running where a function cannot join: the folder can be used at once', async () => {
    const log = openMemoryLog({ clock: systemClock });
    const refusing = withDeadLetters(log, () => Promise.reject(REFUSED));
    await assert.rejects(startPipeline({ settings, dir, log: refusing, clock: systemClock }), REFUSED);
    const pipeline = await startPipeline({ settings, dir, log, clock: systemClock });
    await pipeline.stop();
    await log.close();
  });

  it('tells of a function whose mapping has ended for good', async () => {
    const log = openMemoryLog({ clock: systemClock });
    const failing = withDeadLetters(log, async () => ({
      fetch: () => Promise.reject(REFUSED),
      commit: async () => {},
      rewind: async () => {},
      lag: async () => [],
      close: async () => {},
    }));
    const pipeline = await startPipeline({ settings, dir, log: failing, clock: systemClock });
    await assert.rejects(pipeline.failed, REFUSED);
    await pipeline.stop();
    await log.close();
  });

  it('tells each thing in which a topic is otherwise than asked', async () => {
    const log = openMemoryLog({ clock: systemClock });
    const told: string[] = [];
    await log.ensureTopics([
      { name: settings.rawTradesTopic, partitions: 3, retentionMs: 604_800_000, compacted: false },
    ]);
    const onTopicDifference = (sentence: string) => told.push(sentence);
    const pipeline = await startPipeline({ settings, dir, log, clock: systemClock, onTopicDifference });
    assert.deepEqual(told, ['Topic binance.raw.trades has partitions 3; the settings ask for 6.']);
    await pipeline.stop();
    await log.close();
  });
});
