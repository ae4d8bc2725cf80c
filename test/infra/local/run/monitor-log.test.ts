import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { MONITOR_LOG, MonitorLog } from '../../../../infra/local/run/monitor-log.ts';
import { followLog, lastLogLines } from '../../../../infra/local/status/log-tail.ts';
import { systemClock } from '../../../../infra/local/system-clock.ts';

let root = '';
before(() => {
  root = mkdtempSync(join(tmpdir(), 'monitor-log-'));
});
after(() => rmSync(root, { recursive: true, force: true }));

describe('monitor.log', () => {
  test('is appended to by every run, and its last lines can be had', async () => {
    const dir = join(root, 'runs');
    for (const run of ['a', 'b']) {
      const log = new MonitorLog(dir);
      for (let line = 0; line < 3; line += 1) log.append(`${run}${line}`);
      log.close();
    }
    assert.deepEqual(await lastLogLines(dir, 4), ['a2', 'b0', 'b1', 'b2']);
    assert.deepEqual(await lastLogLines(dir, 0), []);
    assert.deepEqual(await lastLogLines(join(root, 'nowhere'), 4), []);
  });

  test('never takes more than two files of its size, and the newest lines are whole', async () => {
    const dir = join(root, 'bounded');
    const log = new MonitorLog(dir, { maxBytes: 1_000 });
    for (let line = 0; line < 500; line += 1) log.append(`line ${line} ${'x'.repeat(20)}`);
    log.close();
    for (const file of [MONITOR_LOG, `${MONITOR_LOG}.1`])
      assert.ok(statSync(join(dir, file)).size <= 1_000, file);
    const lines = await lastLogLines(dir, 30);
    assert.deepEqual(
      lines.map((line) => line.split(' ')[1]),
      Array.from({ length: 30 }, (_, at) => String(470 + at)),
    );
  });

  test('a disk that takes nothing loses lines and stops nobody', () => {
    const dir = join(root, 'blocked');
    mkdirSync(join(dir, MONITOR_LOG), { recursive: true });
    const log = new MonitorLog(dir);
    log.append('lost');
    log.close();
    assert.equal(log.lost, 1);
  });

  test('following gives each new line once, through the rotation, and a line only when it is whole', async () => {
    const dir = join(root, 'followed');
    const log = new MonitorLog(dir, { maxBytes: 400 });
    log.append('before');
    const got: string[] = [];
    const stop = new AbortController();
    const following = followLog(dir, {
      onLine: (line) => got.push(line),
      last: 5,
      signal: stop.signal,
      clock: systemClock,
      everyMs: 2,
    });
    const wanted = Array.from({ length: 60 }, (_, at) => `line ${at} ${'y'.repeat(30)}`);
    await until(() => got.length === 1);
    for (const line of wanted) {
      log.append(line);
      // One rotation per look at most: lines of two rotations ago are gone for any reader.
      const count = got.length;
      await until(() => got.length > count);
    }
    stop.abort();
    await following;
    log.close();
    assert.deepEqual(got, ['before', ...wanted]);
    assert.ok(readFileSync(join(dir, `${MONITOR_LOG}.1`), 'utf8').length > 0);
  });
});

async function until(what: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  do {
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (performance.now() > deadline) throw new Error('it did not happen in 5 s');
  } while (!what());
}
