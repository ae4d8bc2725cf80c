import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { settingsOrUsage } from '../../infra/local/cli/command-settings.ts';
import { openLog } from '../../infra/local/pipeline/open-log.ts';
import { type Pipeline, startPipeline } from '../../infra/local/pipeline/start-pipeline.ts';
import { openRecording } from '../../infra/local/recordings/recording.ts';
import type { ReplaySummary } from '../../infra/local/replay/replay-summary.ts';
import { type RunReplayOptions, runReplay } from '../../infra/local/replay/run-replay.ts';
import { systemClock } from '../../infra/local/system-clock.ts';
import { MAPPINGS } from '../../shared/mappings.ts';
import { topicNames } from '../../shared/settings/settings.ts';
import { skipWithoutRecordings } from '../recordings.ts';
import { skipWithoutBroker, startBroker } from './broker/find-broker.ts';
import type { TestBroker } from './broker/test-broker.ts';
import { cutRecording } from './cut-recording.ts';
import { freshName } from './open-test-log.ts';
import { assertRawTradesOnce } from './raw-trades.ts';
import { type StoredRows, storedRows, storedVersions } from './stored-rows.ts';
import { TcpProxy } from './tcp-proxy.ts';

type Environment = Readonly<Record<string, string>>;

/** What a run of the recording leaves behind. */
interface Left {
  readonly summary: ReplaySummary;
  readonly rows: StoredRows;
  readonly versions: StoredRows;
}

describe('the recording of 2024-08-08 through the whole pipeline on a real Kafka', {
  skip: skipWithoutBroker || skipWithoutRecordings,
}, () => {
  const root = mkdtempSync(join(tmpdir(), 'pipeline-on-kafka-'));
  const path = join(root, 'recording');
  let broker: TestBroker;
  let embedded: Left;

  before(async () => {
    cutRecording(path);
    broker = await startBroker();
    embedded = await run('embedded', {});
    const { summary } = embedded;
    assert.ok(summary.trades > 1_000 && summary.quotes > 5_000, JSON.stringify(summary));
    assert.ok(summary.rows.dead_letters >= 3 && summary.gaps > 0);
  });
  after(async () => {
    await broker.close();
    rmSync(root, { recursive: true, force: true });
  });

  async function run(
    name: string,
    environment: Environment,
    options: Partial<RunReplayOptions> = {},
  ): Promise<Left> {
    const dir = join(root, name);
    const summary = await runReplay({
      recording: await openRecording([path]),
      description: path,
      dir,
      settings: settingsOrUsage(environment, {}),
      environment,
      speed: 'max',
      again: false,
      ...options,
    });
    return { summary, rows: await storedRows(dir), versions: await storedVersions(dir) };
  }

  /** Settings of a run on Kafka with topics, and so groups, of its own. */
  function onKafka(server = broker.plain): Environment {
    const own = freshName('run');
    return {
      KAFKA_BOOTSTRAP_SERVERS: server,
      KAFKA_RAW_TRADES_TOPIC: `${own}.raw.trades`,
      KAFKA_RAW_QUOTES_TOPIC: `${own}.raw.quotes`,
      KAFKA_TRADES_TOPIC: `${own}.trades`,
      KAFKA_QUOTES_TOPIC: `${own}.book-ticker`,
      KAFKA_DLQ_TOPIC: `${own}.dlq`,
      KAFKA_LEDGER_TOPIC: `${own}.ledger`,
      KAFKA_AUDITS_TOPIC: `${own}.audits`,
      KAFKA_ALERTS_TOPIC: `${own}.alerts`,
    };
  }

  async function assertSame(left: Left, environment: Environment): Promise<void> {
    const topics = topicNames(settingsOrUsage(environment, {}));
    const renamed = (stored: StoredRows): StoredRows => ({
      ...stored,
      dead_letters: (stored.dead_letters ?? []).map((row) =>
        row
          .replaceAll(topics.rawTrades, 'binance.raw.trades')
          .replaceAll(topics.rawQuotes, 'binance.raw.quotes'),
      ),
    });
    assert.deepEqual({ ...left.summary, elapsed_ms: 0 }, { ...embedded.summary, elapsed_ms: 0 });
    for (const table of Object.keys(embedded.rows)) {
      assert.deepEqual(renamed(left.rows)[table], embedded.rows[table], table);
      assert.deepEqual(renamed(left.versions)[table], embedded.versions[table], `versions of ${table}`);
    }
    assertWindowsHoldEachIdOnce(left);
    const log = await openLog({ ...environment, KAFKA_BOOTSTRAP_SERVERS: broker.plain }, root, systemClock);
    try {
      await assertRawTradesOnce(await log.reader(), topics.rawTrades, left.summary.trades);
    } finally {
      await log.close();
    }
  }

  test('every table is as on the embedded log, in every column, and the operator sees groups without lag', async () => {
    // With the usual names where the broker is ours alone: what an operator finds.
    const environment = broker.own === undefined ? onKafka() : { KAFKA_BOOTSTRAP_SERVERS: broker.plain };
    const started = Date.now();
    const left = await run('undisturbed', environment);
    await assertSame(left, environment);
    const log = await openLog(environment, root, systemClock);
    const [record] = await (await log.reader()).read(
      { topic: topicNames(settingsOrUsage(environment, {})).deadLetters, partition: 0, offset: 0 },
      1,
    );
    await log.close();
    // Kafka's time is the time of the append: by the recording's own, years ago, retention would sweep it away.
    assert.ok(record !== undefined && record.timestampMs >= started && record.timestampMs <= Date.now());
    if (broker.own === undefined) return;
    const groups = groupsOf(await broker.own.consumerGroups('--describe', '--all-groups'));
    assert.deepEqual([...groups.keys()].sort(), MAPPINGS.map(({ name }) => `market-monitor.${name}`).sort());
    for (const [group, partitions] of groups)
      for (const { topic, current, end, lag } of partitions) {
        assert.equal(current, end, `${group} on ${topic}`);
        assert.equal(lag, 0);
      }
    const counted = (group: string) => groups.get(group)?.reduce((sum, { current }) => sum + current, 0);
    assert.ok((counted('market-monitor.validate-quotes') ?? 0) >= left.summary.quotes);
    assert.equal(counted('market-monitor.dead-letter'), left.summary.rows.dead_letters);
  });

  test('the broker killed with SIGKILL in the middle and started again: the same rows', async (t) => {
    const { own } = broker;
    if (own === undefined) return t.skip('the broker is not ours to kill');
    const environment = onKafka();
    let aggregated = 0;
    let restarted: Promise<void> | undefined;
    const left = await run('broker-killed', environment, {
      watch: {
        onAggregated: ({ trades, quotes }) => {
          aggregated += trades + quotes;
          if (aggregated < 3_000 || restarted !== undefined) return;
          restarted = own.kill().then(() => own.start());
        },
      },
    });
    assert.ok(restarted !== undefined);
    await restarted;
    await assertSame(left, environment);
  });

  test('connections cut and stalled on the way to the broker: the same rows', async (t) => {
    const { own } = broker;
    if (own === undefined) return t.skip('the broker has no proxied listener');
    const proxy = await TcpProxy.start(own.proxied.advertisedPort, own.proxied.port);
    const environment = onKafka(`127.0.0.1:${own.proxied.advertisedPort}`);
    let aggregated = 0;
    const faults = [
      { from: 1_000, fault: () => proxy.cut() },
      {
        from: 3_000,
        fault: () => {
          proxy.stall();
          setTimeout(() => proxy.resume(), 1_500);
        },
      },
      { from: 5_000, fault: () => proxy.cut() },
      { from: 7_000, fault: () => proxy.cut() },
    ];
    const left = await run('proxied', environment, {
      watch: {
        onAggregated: ({ trades, quotes }) => {
          aggregated += trades + quotes;
          if (aggregated >= (faults[0]?.from ?? Number.POSITIVE_INFINITY)) faults.shift()?.fault();
        },
      },
    });
    assert.equal(faults.length, 0);
    await proxy.close();
    await assertSame(left, environment);
  });

  test('the process killed between the rows and the commit, and started again: the same rows', async () => {
    const environment = onKafka();
    const child = spawn(
      process.execPath,
      [
        join(import.meta.dirname, '../integrity/killed-replay.ts'),
        join(root, 'killed'),
        path,
        'aggregated',
        '4000',
      ],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, REPLAY_ENVIRONMENT: JSON.stringify(environment) },
      },
    );
    const [, signal] = await once(child, 'exit');
    assert.equal(signal, 'SIGKILL');
    await assertSame(await run('killed', environment), environment);
  });

  test('others that join the groups in the middle and leave again: the same rows', async () => {
    const environment = { ...onKafka(), KAFKA_CLIENT_ID: 'm-first' };
    let byOthers = 0;
    const visit = async (first: Pipeline, clientId: string) => {
      const settings = settingsOrUsage({ ...environment, KAFKA_CLIENT_ID: clientId }, {});
      const log = await openLog({ ...environment, KAFKA_CLIENT_ID: clientId }, root, systemClock);
      const other = await startPipeline({
        settings: {
          ...settings,
          awsEndpointUrl: await dynamodbOf(first),
          awsEndpointUrlTimestreamWrite: first.timestreamEndpoint,
          awsEndpointUrlTimestreamQuery: first.timestreamEndpoint,
        },
        dir: join(root, 'rebalanced'),
        log,
        clock: systemClock,
        onAggregated: ({ trades, quotes }) => {
          byOthers += trades + quotes;
        },
      });
      await delay(1_500);
      await other.stop();
      await log.close();
    };
    let first: Pipeline | undefined;
    let visits: Promise<void> | undefined;
    const left = await run('rebalanced', environment, {
      // Slow enough for two visits: each takes its time, as groups settle once a second.
      speed: 5,
      onPipeline: (pipeline) => {
        first = pipeline;
      },
      watch: {
        onAggregated: () => {
          if (first === undefined || visits !== undefined) return;
          const visited = first;
          // Partitions are dealt in the order of the members' names: one of the two gets a symbol's.
          visits = visit(visited, 'a-second').then(() => visit(visited, 'z-third'));
        },
      },
    });
    await visits;
    assert.ok(byOthers > 0);
    await assertSame(left, environment);
  });
});

async function dynamodbOf({ clients }: Pipeline): Promise<string> {
  const endpoint = await clients.dynamodb.config.endpoint?.();
  assert.ok(endpoint !== undefined);
  return `${endpoint.protocol}//${endpoint.hostname}:${endpoint.port}`;
}

/** Every trade id once in the windows: what they count is what there is, and each begins after the one before. */
function assertWindowsHoldEachIdOnce({ rows, summary }: Left): void {
  const lastOf = new Map<string, number>();
  let counted = 0;
  const panes = (rows.candles ?? [])
    .map((row) => Object.fromEntries(JSON.parse(row) as [string, string & number][]))
    .filter(({ resolution }) => resolution === '10s')
    .sort((a, b) => Number(a.first_trade_id) - Number(b.first_trade_id));
  for (const { symbol, first_trade_id, last_trade_id, trade_count } of panes) {
    assert.ok(Number(first_trade_id) > (lastOf.get(String(symbol)) ?? 0));
    lastOf.set(String(symbol), Number(last_trade_id));
    counted += Number(trade_count);
  }
  assert.equal(counted, summary.trades);
}

interface GroupPartition {
  readonly topic: string;
  readonly current: number;
  readonly end: number;
  readonly lag: number;
}

/** The lines of `kafka-consumer-groups --describe` by group; partitions never committed are left out. */
function groupsOf(text: string): ReadonlyMap<string, readonly GroupPartition[]> {
  const groups = new Map<string, GroupPartition[]>();
  for (const line of text.split('\n')) {
    const [group = '', topic = '', , current, end, lag] = line.trim().split(/\s+/);
    if (!/^\d+$/.test(current ?? '')) continue;
    const partitions = groups.get(group) ?? [];
    groups.set(group, partitions);
    partitions.push({ topic, current: Number(current), end: Number(end), lag: Number(lag) });
  }
  return groups;
}
