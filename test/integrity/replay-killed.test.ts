import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { ReplaySummary } from '../../infra/local/replay/replay-summary.ts';
import { recordings, skipWithoutRecordings } from '../recordings.ts';
import type { KillPoint } from './killed-replay.ts';
import { queryCommand, replayCommand, temporaryFolder } from './run-command.ts';
import { marketColumns, type StoredTables, storedTables } from './stored-tables.ts';

/** Lines of the recording that are replayed: a third of it, so that many kills take little time. */
const LINES = 12_000;

/** How often the process is killed at random moments of one replay; `KILLS=6` for a short run. */
const KILLS = Number(process.env.KILLS ?? 50);

describe('a replay that is killed with SIGKILL and started again', { skip: skipWithoutRecordings }, () => {
  const root = temporaryFolder(after);
  const path = join(root, 'btcusdt');
  let undisturbed: StoredTables;
  let summary: ReplaySummary;

  before(async () => {
    const whole = gunzipSync(
      readFileSync(join(recordings ?? '', 'binance-spot-2024-08-08', 'btcusdt_20240808.gz')),
    );
    const lines = whole.toString('utf8').split('\n').slice(0, LINES);
    writeFileSync(path, `${lines.join('\n')}\n`);
    summary = await replayCommand(path, '--data', join(root, 'undisturbed'));
    undisturbed = await storedTables(join(root, 'undisturbed'));
    assert.ok(summary.trades > 1_000 && summary.quotes > 1_000);
  });

  async function assertSame(dir: string): Promise<void> {
    const resumed = await replayCommand(path, '--data', dir);
    assert.deepEqual({ ...resumed, elapsed_ms: 0 }, { ...summary, elapsed_ms: 0 });
    const tables = await storedTables(dir);
    assert.deepEqual(marketColumns(tables), marketColumns(undisturbed));
    // The log is the same to the byte, so even what tells how a row came about is.
    assert.deepEqual(tables, undisturbed);
  }

  const points: readonly (KillPoint & { readonly when: string })[] = [
    { after: 'frames', count: 4_000, when: 'while it reads' },
    { after: 'validated', count: 3_000, when: 'between the events and the offsets of validate' },
    { after: 'rows', count: 1, when: 'between the first rows and the first state' },
    { after: 'rows', count: 6_000, when: 'between rows and state' },
    { after: 'aggregated', count: 5_000, when: 'between the state and the offsets of aggregate' },
    { after: 'final', count: 30, when: 'while windows become final' },
  ];
  for (const [at, point] of points.entries()) {
    it(`${point.when}: every table is as from one undisturbed run`, async () => {
      const dir = join(root, `killed-${at}`);
      const killed = await end(child('killed-replay.ts', dir, path, point.after, String(point.count)));
      assert.equal(killed, 'SIGKILL');
      await assertSame(dir);
    });
  }

  it('while the last windows become final, with every frame in the log: goes on and ends', async () => {
    const dir = join(root, 'finalised');
    const finals = undisturbed.candles.length;
    const killed = await end(child('killed-replay.ts', dir, path, 'final', String(finals - 2)));
    assert.equal(killed, 'SIGKILL');
    await assertSame(dir);
  });

  it('can be queried where it was killed', async () => {
    const dir = join(root, 'queried');
    assert.equal(await end(child('killed-replay.ts', dir, path, 'rows', '3000')), 'SIGKILL');
    const [found] = await queryCommand(dir, 'SELECT count(*) AS rows FROM market.trades');
    assert.ok(Number(found?.rows) > 0);
    await assertSame(dir);
  });

  it(`${KILLS} times at random moments of one replay: every table is as from one undisturbed run`, async () => {
    const dir = join(root, 'random');
    for (let kill = 0; kill < KILLS; kill += 1) {
      const delayMs = 150 + Math.random() * 1_500;
      const running = child('../../infra/local/cli/replay.ts', path, '--data', dir);
      const ended = end(running);
      const timer = setTimeout(() => running.kill('SIGKILL'), delayMs);
      await ended;
      clearTimeout(timer);
    }
    await assertSame(dir);
  });
});

function child(file: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, file), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DATA_DIR: undefined },
  });
}

/** How a child ended: its exit code, or the signal. */
async function end(running: ChildProcess): Promise<number | string> {
  const [code, signal] = await once(running, 'exit');
  return signal ?? code;
}
