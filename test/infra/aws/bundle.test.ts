import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ensureStateTable } from '../../../functions/adapters/dynamodb/ensure-state-table.ts';
import { Aggregate } from '../../../functions/aggregate/aggregate.ts';
import { aggregateOptions } from '../../../functions/aggregate/aggregate-options.ts';
import { rawTopicRecords } from '../../../functions/validate/raw-topic-records.ts';
import { validateRecords } from '../../../functions/validate/validate-records.ts';
import { type Bundle, type BundleName, bundleAll } from '../../../infra/aws/bundle.ts';
import { type LocalDynamoDB, startDynamoDB } from '../../../infra/local/dynamodb/start-dynamodb.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import type { OutgoingRecord } from '../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { MemoryRowStore } from '../../../shared/memory-row-store.ts';
import type { Row } from '../../../shared/row.ts';
import { deployableVariables, variablesElsewhere } from '../../../shared/settings/deployable-settings.ts';
import { SETTINGS } from '../../../shared/settings/settings.ts';
import { MemoryStateStore } from '../../../shared/state/memory-state-store.ts';
import { recordings, skipWithoutRecordings } from '../../recordings.ts';
import { startStore, type TestStore } from '../local/timestream/clients.ts';
import { eventOfSent, recordedRawEvent } from './recorded-event.ts';
import { runBundle } from './run-bundle.ts';

const MEBIBYTE = 1_048_576;
const NAMES = DEFAULT_TOPIC_NAMES;
/** How a function proves itself where no login is asked for. */
const PLAIN = { KAFKA_SECURITY_PROTOCOL: 'PLAINTEXT' };

function validated(stream: string, topic: string, count: number): readonly OutgoingRecord[] {
  const event = recordedRawEvent(recordings ?? '', stream, topic, count);
  return validateRecords(
    rawTopicRecords(event),
    { rules: DEFAULT_VALIDATION_RULES, topics: NAMES },
    1_723_161_300_000,
  ).records;
}

/** What a query gives for a candle, of a row that the source made. */
function figures(row: Row): readonly string[] {
  const value = (name: string) => row.columns.find((column) => column.name === name)?.value ?? '';
  const resolution = row.dimensions.find(([name]) => name === 'resolution')?.[1] ?? '';
  return [resolution, value('trade_count'), value('volume_exact'), value('last_trade_id')];
}

describe('the bundles', () => {
  let outDir: string;
  let bundles: ReadonlyMap<BundleName, Bundle>;
  let dynamodb: LocalDynamoDB;
  let store: TestStore;
  let endpoints: Readonly<Record<string, string>>;
  const fileOf = (name: BundleName): string => bundles.get(name)?.file ?? '';

  before(async () => {
    outDir = mkdtempSync(join(tmpdir(), 'market-bundles-'));
    bundles = bundleAll(outDir);
    dynamodb = await startDynamoDB(null);
    store = await startStore({ nowMs: () => 1_723_161_300_000 });
    const client = new DynamoDBClient({
      endpoint: dynamodb.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    await ensureStateTable(client, 'market-monitor-state');
    client.destroy();
    endpoints = {
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_ENDPOINT_URL_TIMESTREAM_WRITE: store.timestream.endpoint,
      AWS_ENDPOINT_URL_TIMESTREAM_QUERY: store.timestream.endpoint,
    };
  });
  after(async () => {
    await store.close();
    await dynamodb.close();
    rmSync(outDir, { recursive: true, force: true });
  });

  test('are each under 1 MB; the operator’s commands, which no one waits for, under 1.5', () => {
    assert.equal(bundles.size, 6);
    for (const { name, sizeBytes } of bundles.values()) {
      const most = name === 'operator' ? 1.5 * MEBIBYTE : MEBIBYTE;
      assert.ok(sizeBytes > 1_000 && sizeBytes < most, `${name} has ${sizeBytes} bytes`);
    }
  });

  test('hold nothing that runs on one machine alone', () => {
    for (const { name, file } of bundles.values()) {
      const { sources } = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
      const local = sources.filter((path: string) =>
        /infra\/(local|aws)\/|duckdb|dynalite|node:sqlite/.test(path),
      );
      assert.deepEqual(local, [], name);
      assert.doesNotMatch(readFileSync(file, 'utf8'), /node:sqlite|@duckdb|dynalite/);
    }
  });

  test('the aggregate folds recorded trades into the rows that its source gives', {
    skip: skipWithoutRecordings,
  }, async () => {
    const event = eventOfSent(validated('ethusdt@trade', NAMES.rawTrades, 1_000), NAMES.trades);
    const rows = new MemoryRowStore();
    const producer = { sent: 0, send: async () => [], close: async () => {} };
    await new Aggregate(
      { store: new MemoryStateStore(), rows, producer, nowMs: Date.now },
      aggregateOptions({ topics: NAMES, watermarkDelayMs: 10_000, keepEvents: false }),
    ).process(event);
    const expected = rows.table('candles').map(figures);
    assert.ok(expected.length >= 4, `only ${expected.length} candles`);

    const run = await runBundle(
      fileOf('aggregate'),
      { ...PLAIN, ...endpoints, METRIC_SYMBOLS: 'ETHUSDT' },
      event,
    );

    assert.deepEqual(run.answer, { batchItemFailures: [] });
    const stored = await store.rows(
      'SELECT resolution, trade_count, volume_exact, last_trade_id FROM market.candles ORDER BY time, resolution',
    );
    const lines = (found: readonly (readonly unknown[])[]) =>
      found.map((row) => row.map(String).join(' ')).sort();
    assert.deepEqual(lines(stored), lines(expected));
    const metrics = run.logged.filter((line) => line.startsWith('{"_aws"')).join();
    assert.match(metrics, /"Symbol":"ETHUSDT","TradesFolded":1000/);
    assert.match(metrics, /"ColdStarts":1/);
  });

  test('the dead-letter function keeps a letter of a record that cannot be read', async () => {
    const event = eventOfSent(
      [{ topic: NAMES.deadLetters, key: null, value: 'nonsense' }],
      NAMES.deadLetters,
    );

    const run = await runBundle(fileOf('dead-letter'), endpoints, event);

    assert.deepEqual(run.answer, { batchItemFailures: [] });
    assert.deepEqual(await store.rows('SELECT count(*) FROM market.dead_letters'), [[1]]);
    assert.match(run.logged.join(), /"message":"Dead letters"/);
  });

  test('notify posts an alarm to Slack', async (context) => {
    const posted: string[] = [];
    const slack = createServer(async (request, response) => {
      posted.push(await text(request));
      response.end('ok');
    });
    slack.listen(0, '127.0.0.1');
    await once(slack, 'listening');
    context.after(() => slack.close());
    const { port } = slack.address() as AddressInfo;
    const alarm = {
      AlarmName: 'feed-stopped',
      AlarmDescription: 'No frame has come.',
      NewStateValue: 'ALARM',
      NewStateReason: 'Threshold Crossed',
      StateChangeTime: '2026-11-21T12:00:00.500+0000',
      Trigger: { MetricName: 'FramesReceived', Threshold: 1, Dimensions: [] },
    };
    const body = JSON.stringify({ Type: 'Notification', Message: JSON.stringify(alarm) });

    const run = await runBundle(
      fileOf('notify'),
      {
        ...endpoints,
        STATE_TABLE: 'market-monitor-state',
        NOTIFY_QUEUE_URL: 'http://127.0.0.1:9/000000000000/notify',
        SLACK_WEBHOOK_URL: `http://127.0.0.1:${port}/services/x`,
      },
      { Records: [{ messageId: 'm1', body, attributes: { ApproximateReceiveCount: '1' } }] },
    );

    assert.deepEqual(run.answer, { batchItemFailures: [] });
    assert.equal(posted.length, 1);
    assert.match(posted[0] ?? '', /The feed has stopped/);
  });

  test('ask the environment for what the infrastructure sets, and for nothing else of ours', async () => {
    const ours = new Set(Object.values(SETTINGS).map(({ name }) => name));
    const values: Record<string, string> = {
      ...PLAIN,
      SLACK_WEBHOOK_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:x',
      STATE_TABLE: 'state',
      NOTIFY_QUEUE_URL: 'https://sqs.example/q',
    };
    for (const name of ['validate', 'aggregate', 'dead-letter', 'notify'] as const) {
      const run = await runBundle(fileOf(name), values, null);
      const asked = run.asked.filter((variable) => ours.has(variable) && !variable.startsWith('AWS_')).sort();
      const elsewhere = variablesElsewhere(name).filter((variable) => asked.includes(variable));
      assert.deepEqual(
        asked,
        [...new Set([...deployableVariables(name), ...elsewhere])]
          .filter((v) => !v.startsWith('AWS_'))
          .sort(),
        name,
      );
    }
  });

  test('refuse to start without what they need, and name it', async () => {
    await assert.rejects(runBundle(fileOf('notify'), {}, null), /SETTING_MISSING.*SLACK_WEBHOOK/s);
    await assert.rejects(
      runBundle(fileOf('validate'), { KAFKA_SECURITY_PROTOCOL: 'SASL_SSL' }, null),
      /SETTINGS_INVALID.*KAFKA_SASL_MECHANISM/s,
    );
  });
});
