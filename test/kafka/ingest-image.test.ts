import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startExchange } from '../../infra/local/exchange/exchange.ts';
import { SimulatedSource } from '../../infra/local/exchange/simulated-source.ts';
import { SimulatedMarket } from '../../infra/local/market/simulated-market.ts';
import { systemClock } from '../../infra/local/system-clock.ts';
import { skipWithoutBroker, startBroker } from './broker/find-broker.ts';
import { freePort } from './broker/free-port.ts';
import type { TestBroker } from './broker/test-broker.ts';
import { followDockerfile } from './follow-dockerfile.ts';
import { freshName, openTestLog } from './open-test-log.ts';

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
    const app = followDockerfile(folder, 'installed anew');
    assert.deepEqual(readdirSync(app).sort(), ['health-check.mjs', 'index.mjs', 'index.mjs.map', 'operator']);
    assert.deepEqual(readdirSync(join(app, 'operator')).sort(), ['index.mjs', 'index.mjs.map']);
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
