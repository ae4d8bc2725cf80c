import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startExchange } from '../../infra/local/exchange/exchange.ts';
import { SimulatedSource } from '../../infra/local/exchange/simulated-source.ts';
import { SimulatedMarket } from '../../infra/local/market/simulated-market.ts';
import { systemClock } from '../../infra/local/system-clock.ts';
import { skipWithoutBroker, startBroker } from './broker/find-broker.ts';
import { freePort } from './broker/free-port.ts';
import type { TestBroker } from './broker/test-broker.ts';
import { freshName, openTestLog } from './open-test-log.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Does what the Dockerfile says, in clean folders and without a container: each COPY and each RUN of Node. The
 * packages are those of this checkout, because installing them anew takes half a minute and a network.
 */
function followDockerfile(folder: string): string {
  const text = readFileSync(join(ROOT, 'infra/aws/Dockerfile'), 'utf8');
  const src = join(folder, 'src');
  const app = join(folder, 'app');
  let stage = '';
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line.split(' ');
    if (word === 'FROM') stage = stage === '' ? src : app;
    if (word === 'COPY') {
      const isFromBuild = rest[0]?.startsWith('--from=');
      const paths = rest.filter((path) => !path.startsWith('--'));
      const to = paths.at(-1) ?? '';
      for (const path of paths.slice(0, -1)) {
        const from = isFromBuild ? join(folder, path) : join(ROOT, path);
        const isWhole = isFromBuild || to === path;
        cpSync(from, isWhole ? join(stage, to) : join(stage, to, basename(path)), { recursive: true });
      }
    }
    if (word === 'WORKDIR') mkdirSync(stage, { recursive: true });
    if (word === 'RUN' && rest[0] === 'npm') {
      assert.equal(rest.slice(0, 3).join(' '), 'npm ci --ignore-scripts');
      symlinkSync(join(ROOT, 'node_modules'), join(src, 'node_modules'));
    }
    if (word === 'RUN' && rest[0] === 'node') {
      const args = rest.slice(1).map((arg) => (arg.startsWith('/') ? join(folder, arg) : arg));
      const built = spawnSync(process.execPath, args, { cwd: src, encoding: 'utf8', timeout: 60_000 });
      assert.equal(built.status, 0, built.stderr);
    }
  }
  assert.match(text, /^USER node$/m);
  assert.match(text, /^CMD \["node", "index\.mjs"\]$/m);
  return app;
}

describe('the image of ingest, on a real Kafka', { skip: skipWithoutBroker }, () => {
  let broker: TestBroker;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'market-image-'));
    broker = await startBroker();
  });
  after(async () => {
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('ingests from the local exchange, is healthy, and drains and ends with 0 on SIGTERM', async () => {
    const app = followDockerfile(folder);
    assert.deepEqual(readdirSync(app).sort(), ['health-check.mjs', 'index.mjs', 'index.mjs.map']);
    const exchange = await startExchange({
      market: new SimulatedSource(new SimulatedMarket(1, ['BTCUSDT']), systemClock),
      clock: systemClock,
    });
    const healthPort = await freePort();
    const topics = Object.fromEntries(
      ['RAW_TRADES', 'RAW_QUOTES', 'TRADES', 'QUOTES', 'DLQ', 'LEDGER', 'AUDITS', 'ALERTS'].map((name) => [
        `KAFKA_${name}_TOPIC`,
        freshName(name.toLowerCase()),
      ]),
    );
    const env = {
      ...topics,
      KAFKA_BOOTSTRAP_SERVERS: broker.plain,
      BINANCE_STREAM_URL: exchange.streamUrl,
      BINANCE_REST_URL: exchange.restUrl,
      SYMBOLS: 'BTCUSDT',
      HEALTH_PORT: String(healthPort),
    };
    const child = spawn(process.execPath, ['index.mjs'], {
      cwd: app,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let logged = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        logged += chunk;
      });
    try {
      const deadline = Date.now() + 30_000;
      const healthy = () =>
        spawnSync(process.execPath, ['health-check.mjs'], { cwd: app, env: { HEALTH_PORT: env.HEALTH_PORT } })
          .status;
      // Until the first measurement is logged, which comes after five seconds of frames.
      while (!/"FramesReceived":[1-9]/.test(logged)) {
        assert.ok(Date.now() < deadline && child.exitCode === null, `no frames:\n${logged}`);
        await delay(100);
      }
      assert.equal(healthy(), 0);
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      assert.deepEqual(await exited, [0, null], logged);
      assert.equal(healthy(), 1);
    } finally {
      child.kill('SIGKILL');
      await exchange.close();
    }
    for (const line of logged.trim().split('\n')) assert.ok(JSON.parse(line), line);
    const log = await openTestLog(broker.plain);
    const reader = await log.reader();
    const topic = topics.KAFKA_RAW_TRADES_TOPIC ?? '';
    let records = 0;
    for (let partition = 0; partition < (await reader.partitions(topic)); partition += 1)
      records += (await reader.bounds(topic, partition)).next;
    await log.close();
    assert.ok(records > 10, `${records} records`);
  });
});
