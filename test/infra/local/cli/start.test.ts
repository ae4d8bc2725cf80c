import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isAlive } from '../../../../infra/local/data-folder/require-free.ts';
import { eventually, type Outcome, type Running, run, start } from './command.ts';

/** Quiet enough that seconds pass between two trades, busy enough that one comes in a minute. */
const QUIET = ['NKNUSDT', 'ETCUSDT', 'FTMUSDT'];
const SYMBOLS = ['BTCUSDT', ...QUIET].join(',');

let cwd = '';
let data = '';
const started: Running[] = [];
const orphans: number[] = [];

before(() => {
  cwd = mkdtempSync(join(tmpdir(), 'start-'));
  data = join(cwd, 'kept');
});
after(async () => {
  for (const { child, ended } of started) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  }
  for (const pid of orphans) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  rmSync(cwd, { recursive: true, force: true });
});

function simulate(...more: readonly string[]): Running {
  const args = ['--simulated', '--data', data, '--symbols', SYMBOLS, ...more];
  const running = start('start', args, { cwd, env: { WATERMARK_DELAY_MS: '1000' } });
  started.push(running);
  return running;
}

async function query<T>(sql: string): Promise<readonly T[]> {
  const { code, out, err } = await run('query', ['--data', data, '--format', 'json', sql], { cwd });
  assert.equal(code, 0, err);
  return JSON.parse(out);
}

/** The status once all is well; it is degraded for moments, while gaps are open. */
async function healthy(running: Running): Promise<string> {
  return await eventually(
    async () => {
      const { code, out } = await run('status', ['--data', data], { cwd });
      return code === 0 && /^BTCUSDT/m.test(out) ? out : undefined;
    },
    () => running.out() + running.err(),
  );
}

async function stopped(running: Running): Promise<Outcome> {
  running.child.kill('SIGTERM');
  return await running.ended;
}

describe('npm start on the simulated market', () => {
  test('rows reach the store, a second process sees them, SIGTERM ends it in order, and a second start goes on', async (t) => {
    const first = simulate();
    const status = await healthy(first);
    assert.match(status, /^simulated market of seed 1: healthy\n/);
    assert.match(status, /BTCUSDT +\d{4}-\d\d-\d\d \d\d:\d\d +\d/);

    const again = await run('start', ['--simulated', '--data', data], { cwd });
    assert.equal(again.code, 1);
    assert.match(again.err, /A monitor runs on .*kept already \(process \d+\)/);

    await t.test('the windows of a quiet symbol become final without any further trade', async () => {
      await eventually(
        async () => {
          const quiet = QUIET.map((symbol) => `'${symbol}'`).join(', ');
          const rows = await query<{ readonly symbol: string }>(
            `WITH closed AS (SELECT symbol, max(last_trade_id) AS id FROM market.candles
                             WHERE resolution = '10s' AND final AND symbol IN (${quiet}) GROUP BY symbol),
                  traded AS (SELECT symbol, max(trade_id) AS id FROM market.trades GROUP BY symbol)
             SELECT closed.symbol FROM closed JOIN traded ON closed.symbol = traded.symbol AND closed.id = traded.id`,
          );
          return rows.length > 0 ? true : undefined;
        },
        () => first.out(),
      );
    });

    const ended = await stopped(first);
    assert.deepEqual([ended.code, ended.err], [0, '']);
    const lines = ended.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      [lines.at(-1).event, lines.at(-1).status, lines.at(-1).errors],
      ['status', 'stopped', 0],
    );
    assert.ok(lines.some(({ event, store }) => event === 'started' && store.startsWith('http://127.0.0.1:')));

    const none = await run('status', ['--data', data], { cwd });
    assert.equal(none.code, 1);
    assert.match(none.out, /^Nothing runs on .*kept\. Its last run was last heard of at 20/);

    const [{ last } = { last: 0 }] = await query<{ readonly last: number }>(
      `SELECT max(trade_id) AS last FROM market.trades WHERE symbol = 'BTCUSDT'`,
    );
    const second = simulate();
    await healthy(second);
    await eventually(
      async () => {
        const [row] = await query<{ readonly last: number }>(
          `SELECT max(trade_id) AS last FROM market.trades WHERE symbol = 'BTCUSDT'`,
        );
        return row !== undefined && row.last > last + 20 ? true : undefined;
      },
      () => second.out() + second.err(),
    );
    assert.equal((await stopped(second)).code, 0);
    assert.match(second.out(), /BTCUSDT goes on after \d+ s, from trade \d+/);
    const rows = await query<{ readonly trades: number; readonly ids: number }>(
      `SELECT count(*) AS trades, max(trade_id) - min(trade_id) + 1 AS ids FROM market.trades GROUP BY symbol`,
    );
    assert.ok(rows.length > 0);
    for (const { trades, ids } of rows) assert.equal(trades, ids);

    const logs = await run('logs', ['--data', data, '-n', '1000'], { cwd });
    assert.equal(logs.code, 0);
    assert.match(logs.out, /Socket t0-1 is open/);
    assert.match(logs.out, /Stopping: what was received is drained first\./);
  });

  test('the folder of another seed is refused, and the one to use is named', async () => {
    const { code, err } = await run('start', ['--simulated', '--seed', '2', '--data', data], { cwd });
    assert.equal(code, 1);
    assert.match(
      err,
      /holds the simulated feed \(simulated market of seed 1\), not .*--data \.data\/simulated-2\./,
    );
  });

  test('a port that was named and is taken is an error', async () => {
    const server = await listening();
    const port = portOf(server);
    const env = { HEALTH_PORT: String(port) };
    const { code, err } = await run('start', ['--simulated', '--data', join(cwd, 'port')], { cwd, env });
    server.close();
    assert.equal(code, 1);
    assert.match(err, new RegExp(`^Port ${port} is taken by another process\\. Set HEALTH_PORT`));
  });

  test('symbols that the exchange does not know are named', async () => {
    const { code, err } = await run(
      'start',
      ['--simulated', '--data', join(cwd, 'none'), '--symbols', 'NOSUCH'],
      { cwd },
    );
    assert.equal(code, 1);
    assert.match(err, /The exchange knows none of NOSUCH\. Check SYMBOLS\./);
  });
});

describe('npm start that loses its npm', () => {
  test('ends in order: npm passes a SIGTERM on to the shell between them, and that to nobody', async () => {
    const dir = join(cwd, 'orphan');
    const command = `${process.execPath} ${join(import.meta.dirname, '../../../../infra/local/cli/start.ts')}`;
    const shell = spawn('sh', ['-c', `${command} --simulated --data ${dir} & wait`], {
      cwd,
      env: { PATH: process.env.PATH, HEALTH_PORT: '0', npm_lifecycle_event: 'start' },
      stdio: 'ignore',
    });
    const status = async (): Promise<string> => (await run('status', ['--data', dir], { cwd })).out;
    await eventually(
      async () => ((await status()).includes(': healthy') ? true : undefined),
      () => 'the monitor did not start',
    );
    const known = JSON.parse((await run('status', ['--data', dir, '--json'], { cwd })).out);
    orphans.push(known.instance.pid);
    shell.kill('SIGTERM');
    await eventually(
      async () => ((await status()).startsWith('Nothing runs') ? true : undefined),
      () => 'the monitor runs on',
    );
    const { out } = await run('logs', ['--data', dir, '-n', '1', '--json'], { cwd });
    assert.match(out, /"status":"stopped"/);
  });
});

describe('npm start where Binance cannot be reached', () => {
  test('falls back to the simulated market within seconds and says why in one sentence', async () => {
    const server = await listening();
    const running = start('start', [], {
      cwd,
      env: { BINANCE_STREAM_URL: `ws://127.0.0.1:${portOf(server)}` },
    });
    started.push(running);
    const beganMs = performance.now();
    await eventually(() => (running.out().includes('"started"') ? true : undefined), running.err, 25_000);
    // The far end accepts and never answers, the slowest way to fail: four seconds, and the start of the pipeline.
    assert.ok(performance.now() - beganMs < 25_000);
    server.close();
    assert.match(
      running.out(),
      /"message":"This is the simulated market, because 127\.0\.0\.1:\d+ did not answer in time\."/,
    );
    assert.match(running.out(), /Running simulated market of seed 1 on \.data\/simulated\./);
    assert.equal((await stopped(running)).code, 0);
  });

  test('--live insists, and ends with the reason', async () => {
    const env = { BINANCE_STREAM_URL: 'ws://127.0.0.1:1' };
    const { code, out, err } = await run('start', ['--live', '--data', join(cwd, 'live')], { cwd, env });
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^The live feed cannot be had\. 127\.0\.0\.1:1 refused the connection/);
  });

  test('settings come from .env too, and the environment wins over it', async () => {
    writeFileSync(join(cwd, '.env'), 'SYMBOLS=not a symbol\n');
    const bad = await run('start', ['--simulated'], { cwd });
    assert.equal(bad.code, 2);
    assert.match(bad.err, /^SYMBOLS is "not a symbol"; allowed:/);
    const live = await run('start', ['--live'], {
      cwd,
      env: { SYMBOLS: 'BTCUSDT', BINANCE_STREAM_URL: 'ws://127.0.0.1:1' },
    });
    rmSync(join(cwd, '.env'));
    assert.match(live.err, /^The live feed cannot be had/);
  });
});

function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
