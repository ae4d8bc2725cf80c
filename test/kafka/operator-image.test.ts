import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { timestreamRowWriter } from '../../functions/adapters/timestream/row-writer.ts';
import { STORE_FOLDER } from '../../infra/local/data-folder/running-instance.ts';
import { startDynamoDB } from '../../infra/local/dynamodb/start-dynamodb.ts';
import { localClients } from '../../infra/local/pipeline/local-clients.ts';
import { openRecording } from '../../infra/local/recordings/recording.ts';
import { runReplay } from '../../infra/local/replay/run-replay.ts';
import { startTimestream } from '../../infra/local/timestream/timestream-server.ts';
import { encodeDeadLetter } from '../../shared/events/dead-letter-json.ts';
import { encodeRawHeader, RAW_HEADER } from '../../shared/events/raw-header.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { epochAt, rowVersion } from '../../shared/window/row-version.ts';
import { type FakeAws, type FakeTask, startFakeAws } from '../infra/aws/operator/fake-aws.ts';
import { type Outcome, run } from '../infra/local/cli/command.ts';
import { writeSimulatedRecording } from '../infra/local/simulated-recording.ts';
import { skipWithoutBroker, startBroker } from './broker/find-broker.ts';
import type { TestBroker } from './broker/test-broker.ts';
import { followDockerfile } from './follow-dockerfile.ts';
import { freshName, openTestLog } from './open-test-log.ts';

const SYMBOL = 'BNBUSDT';
const QUARTER_MS = 900_000;
/** The last quarter of an hour that ended ten minutes ago: the certificate reaches to there, or one further. */
const UNTIL_MS = Math.floor((Date.now() - 600_000) / QUARTER_MS) * QUARTER_MS;
const FROM_MS = UNTIL_MS - QUARTER_MS;

describe('the operator’s commands of the image, started by the command line, on a real Kafka', {
  skip: skipWithoutBroker,
  timeout: 240_000,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'market-operator-'));
  const closing: (() => Promise<unknown>)[] = [];
  let broker: TestBroker;
  let topics: Record<string, string>;
  let fake: FakeAws;
  let endpoint: string;

  before(async () => {
    const app = followDockerfile(folder, 'of this checkout');
    broker = await startBroker();
    closing.push(() => broker.close());
    topics = Object.fromEntries(
      ['RAW_TRADES', 'RAW_QUOTES', 'TRADES', 'QUOTES', 'DLQ', 'LEDGER', 'AUDITS', 'ALERTS'].map((name) => [
        `KAFKA_${name}_TOPIC`,
        freshName(name.toLowerCase()),
      ]),
    );
    const environment = { ...topics, KAFKA_BOOTSTRAP_SERVERS: broker.plain };
    const dir = join(folder, 'data');
    // Five minutes beyond the next quarter: the test may run into it.
    const minutes = (2 * QUARTER_MS) / 60_000 + 5;
    const recorded = await writeSimulatedRecording({ symbols: [SYMBOL], minutes, fromUs: FROM_MS * 1_000 });
    const read = readSettings(environment);
    assert.ok(read.kind === 'settings');
    await runReplay({
      recording: await openRecording([recorded]),
      description: 'a simulated market',
      dir,
      settings: read.settings,
      environment,
      speed: 'max',
      again: false,
    });
    rmSync(dirname(recorded), { recursive: true });
    const dynamodb = await startDynamoDB(join(dir, 'state'));
    const timestream = await startTimestream({ dir: join(dir, STORE_FOLDER) });
    endpoint = timestream.endpoint;
    closing.unshift(dynamodb.close, timestream.close);
    const variables = {
      ...environment,
      ALLOWED_SYMBOLS: `${SYMBOL},ETHUSDT`,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_ENDPOINT_URL_TIMESTREAM_WRITE: endpoint,
      AWS_ENDPOINT_URL_TIMESTREAM_QUERY: endpoint,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    fake = await startFakeAws((task) => contain(task, app, variables));
    closing.unshift(fake.close);
  });
  after(async () => {
    for (const close of closing) await close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs the program of the image as the container would: each line of its stdout and stderr is an event. */
  function contain(task: FakeTask, app: string, env: Readonly<Record<string, string>>): void {
    const child = spawn(process.execPath, ['operator/index.mjs', ...task.command], {
      cwd: app,
      env: { ...env, NODE_OPTIONS: '--enable-source-maps' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    });
    task.status('RUNNING');
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => task.log(line));
    }
    child.on('close', (code) => task.end({ exitCode: code ?? 137, stopCode: 'EssentialContainerExited' }));
  }

  const command = (name: string, ...args: readonly string[]): Promise<Outcome> =>
    run(name, [...args, '--aws'], { cwd: folder, env: fake.environment });

  test('the certificate is about the time that the log holds whole, and is sound beside a state that goes on', async () => {
    const { code, out, err } = await command('certificate', '--format', 'json');
    assert.equal(code, 0, err + out);
    const certificate = JSON.parse(out);
    assert.equal(certificate.sound, true);
    assert.ok(Date.parse(certificate.to) >= UNTIL_MS, certificate.to);
    const [symbol] = certificate.symbols;
    assert.equal(symbol.symbol, SYMBOL);
    assert.ok(symbol.ids.received > 500 && symbol.counted === symbol.ids.received, JSON.stringify(symbol));
    assert.equal(symbol.state_agrees, true);
    assert.ok(symbol.candles.rechecked >= 14);
    // The recording goes on beyond that time: trades of then are not in it.
    const table = await command('certificate');
    assert.match(table.out, /^SOUND/m);
    assert.match(table.out, new RegExp(`to ${certificate.to}`));
  });

  test('a certificate of a day that the log does not hold says which time it holds', async () => {
    const { code, out, err } = await command('certificate', '--day', '2020-01-01');
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /The log does not hold 2020-01-01\. It holds .* whole\./);
  });

  test('a rebuild puts a spoilt row right, and the certificate sees both', async () => {
    const clients = localClients({ dynamodb: '', timestreamWrite: endpoint, timestreamQuery: endpoint });
    await timestreamRowWriter({
      client: clients.timestreamWrite,
      sleep: async () => {},
      random: Math.random,
    }).write([
      {
        table: 'candles',
        dimensions: [
          ['symbol', SYMBOL],
          ['resolution', '10s'],
        ],
        timeNs: `${FROM_MS + 60_000}000000`,
        version: rowVersion(epochAt(Date.now()), 1_000_000, true),
        columns: [{ name: 'trade_count', type: 'BIGINT', value: '1' }],
      },
    ]);
    clients.destroy();
    const spoilt = await command('certificate');
    assert.equal(spoilt.code, 1, spoilt.err);
    assert.match(spoilt.out, /^NOT SOUND/m);

    const span = ['--from', new Date(FROM_MS).toISOString(), '--to', new Date(UNTIL_MS).toISOString()];
    const rebuilt = await command('rebuild', '--symbol', SYMBOL, ...span);
    assert.equal(rebuilt.code, 0, rebuilt.err);
    assert.equal(JSON.parse(rebuilt.out).rows_written, 1);
    assert.equal(JSON.parse((await command('rebuild', '--symbol', SYMBOL, ...span)).out).rows_written, 0);
    const again = await command('certificate');
    assert.equal(again.code, 0, again.out);
  });

  test('dead letters are listed, shown, and put back by the rules of the deployment', async () => {
    const rawTrades = topics.KAFKA_RAW_TRADES_TOPIC ?? '';
    const log = await openTestLog(broker.plain);
    const producer = await log.producer();
    for (const symbol of ['ETHUSDT', 'XRPUSDT']) {
      const payload = Buffer.from(frame(symbol));
      const header = encodeRawHeader({
        receivedUs: Date.now() * 1_000,
        connection: 't0-1',
        source: 'live',
        frame: 1,
      });
      const [range] = await producer.send([
        { topic: rawTrades, key: symbol, value: payload.toString(), headers: [[RAW_HEADER, header]] },
      ]);
      const letter = encodeDeadLetter({
        reason: 'SYMBOL_NOT_ALLOWED',
        error: `${symbol} is not watched.`,
        topic: rawTrades,
        partition: range?.partition ?? 0,
        offset: range?.baseOffset ?? 0,
        key: symbol,
        receivedMs: Date.now(),
        refusedMs: Date.now(),
        attempts: 1,
        payload,
      });
      await producer.send([{ topic: topics.KAFKA_DLQ_TOPIC ?? '', key: null, value: letter }]);
    }
    const listed = await command('dlq', 'list', '--since', '1h');
    assert.equal(listed.code, 0, listed.err);
    assert.match(listed.out, /^ {7}2 {2}SYMBOL_NOT_ALLOWED$/m);
    assert.match((await command('dlq', 'show', '--reason', 'SYMBOL_NOT_ALLOWED')).out, /xrpusdt@trade/);
    const none = await command('dlq', 'show', '999');
    assert.deepEqual([none.code, none.out], [2, '']);
    assert.match(none.err, /No letter 999\./);
    const redriven = await command('dlq', 'redrive');
    assert.equal(redriven.code, 0, redriven.err);
    assert.match(redriven.out, /2 letters looked at: 1 records put back, 0 rows written\./);
    assert.match(redriven.out, /1 left \(STILL_REFUSED\)/);
    assert.match((await command('dlq', 'redrive')).out, /1 left \(ALREADY_REDRIVEN\)/);
    await log.close();
  });
});

function frame(symbol: string): string {
  const timeMs = Date.now();
  const data = { e: 'trade', E: timeMs, s: symbol, t: 1, p: '1.5', q: '2', T: timeMs, m: true, M: true };
  return JSON.stringify({ stream: `${symbol.toLowerCase()}@trade`, data });
}
