import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Aggregate } from '../../../functions/aggregate/aggregate.ts';
import { aggregateOptions } from '../../../functions/aggregate/aggregate-options.ts';
import { type Bundle, type BundleName, bundleAll } from '../../../infra/aws/bundle.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { MemoryRowStore } from '../../../shared/memory-row-store.ts';
import type { Row } from '../../../shared/row.ts';
import { deployableVariables, variablesElsewhere } from '../../../shared/settings/deployable-settings.ts';
import { SETTINGS } from '../../../shared/settings/settings.ts';
import { MemoryStateStore } from '../../../shared/state/memory-state-store.ts';
import { recordings, skipWithoutRecordings } from '../../recordings.ts';
import { type BundleBackends, startBackends } from './bundle-backends.ts';
import { alarmEvent, recordedTradesEvent, unreadableLetterEvent } from './bundle-events.ts';
import { runBundle } from './run-bundle.ts';

const MEBIBYTE = 1_048_576;
const NAMES = DEFAULT_TOPIC_NAMES;

/** What a query gives for a candle, of a row that the source made. */
function figures(row: Row): readonly string[] {
  const value = (name: string) => row.columns.find((column) => column.name === name)?.value ?? '';
  const resolution = row.dimensions.find(([name]) => name === 'resolution')?.[1] ?? '';
  return [resolution, value('trade_count'), value('volume_exact'), value('last_trade_id')];
}

describe('the bundles', () => {
  let outDir: string;
  let bundles: ReadonlyMap<BundleName, Bundle>;
  let backends: BundleBackends;
  let variables: Readonly<Record<string, string>>;
  const fileOf = (name: BundleName): string => bundles.get(name)?.file ?? '';

  before(async () => {
    outDir = mkdtempSync(join(tmpdir(), 'market-bundles-'));
    bundles = bundleAll(outDir);
    backends = await startBackends();
    variables = await backends.variables('market-monitor-state');
  });
  after(async () => {
    await backends.close();
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
    const event = recordedTradesEvent(recordings ?? '');
    const rows = new MemoryRowStore();
    const producer = { sent: 0, send: async () => [], close: async () => {} };
    await new Aggregate(
      { store: new MemoryStateStore(), rows, producer, nowMs: Date.now },
      aggregateOptions({ topics: NAMES, watermarkDelayMs: 10_000, keepEvents: false }),
    ).process(event);
    const expected = rows.table('candles').map(figures);
    assert.ok(expected.length >= 4, `only ${expected.length} candles`);

    const run = await runBundle(fileOf('aggregate'), { ...variables, METRIC_SYMBOLS: 'ETHUSDT' }, event);

    assert.deepEqual(run.answer, { batchItemFailures: [] });
    const stored = await backends.store.rows(
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
    const run = await runBundle(fileOf('dead-letter'), variables, unreadableLetterEvent());

    assert.deepEqual(run.answer, { batchItemFailures: [] });
    assert.deepEqual(await backends.store.rows('SELECT count(*) FROM market.dead_letters'), [[1]]);
    assert.match(run.logged.join(), /"message":"Dead letters"/);
  });

  test('notify posts an alarm to Slack', async () => {
    const run = await runBundle(fileOf('notify'), variables, alarmEvent());

    assert.deepEqual(run.answer, { batchItemFailures: [] });
    assert.equal(backends.posted.length, 1);
    assert.match(backends.posted[0] ?? '', /The feed has stopped/);
  });

  test('ask the environment for what the infrastructure sets, and for nothing else of ours', async () => {
    const ours = new Set(Object.values(SETTINGS).map(({ name }) => name));
    const values: Record<string, string> = {
      KAFKA_SECURITY_PROTOCOL: 'PLAINTEXT',
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
