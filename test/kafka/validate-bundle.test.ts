import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { rawTopicRecords } from '../../functions/validate/raw-topic-records.ts';
import { validateRecords } from '../../functions/validate/validate-records.ts';
import { type Bundle, bundle } from '../../infra/aws/bundle.ts';
import { DEFAULT_VALIDATION_RULES } from '../../shared/binance/validation-rules.ts';
import { DEFAULT_TOPIC_NAMES } from '../../shared/log/topics.ts';
import { recordedRawEvent } from '../infra/aws/recorded-event.ts';
import { runBundle } from '../infra/aws/run-bundle.ts';
import { recordings, skipWithoutRecordings } from '../recordings.ts';
import { skipWithoutBroker, startBroker } from './broker/find-broker.ts';
import type { TestBroker } from './broker/test-broker.ts';
import { freshName, openTestLog } from './open-test-log.ts';

describe('the bundle of validate on a real Kafka', {
  skip: skipWithoutBroker || skipWithoutRecordings,
}, () => {
  let broker: TestBroker;
  let built: Bundle;
  let outDir: string;
  before(async () => {
    outDir = mkdtempSync(join(tmpdir(), 'market-validate-'));
    built = bundle('validate', outDir);
    broker = await startBroker();
  });
  after(async () => {
    await broker.close();
    rmSync(outDir, { recursive: true, force: true });
  });

  test('sends the events of a recording to the brokers that its event names', async () => {
    const topic = freshName('validated');
    const log = await openTestLog(broker.plain);
    await log.ensureTopics([{ name: topic, partitions: 1, retentionMs: -1, compacted: false }]);
    const event = recordedRawEvent(
      recordings ?? '',
      'btcusdt@trade',
      'binance.raw.trades',
      500,
      broker.plain,
    );
    const names = { ...DEFAULT_TOPIC_NAMES, trades: topic };
    const expected = validateRecords(
      rawTopicRecords(event),
      { rules: DEFAULT_VALIDATION_RULES, topics: names },
      0,
    ).records;

    const run = await runBundle(
      built.file,
      { KAFKA_SECURITY_PROTOCOL: 'PLAINTEXT', KAFKA_TRADES_TOPIC: topic, METRIC_SYMBOLS: 'BTCUSDT' },
      event,
    );

    assert.deepEqual(run.answer, { batchItemFailures: [] });
    const reader = await log.reader();
    const found: string[] = [];
    for (;;) {
      const records = await reader.read({ topic, partition: 0, offset: found.length }, 1_000);
      if (records.length === 0) break;
      found.push(...records.map((record) => String(record.value)));
    }
    await log.close();
    assert.equal(found.length, 500);
    assert.deepEqual(
      found,
      expected.map((record) => String(record.value)),
    );
    assert.match(run.logged.join(), /"RecordsValidated":500/);
  });
});
