import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { MonitorLog } from '../../../../infra/local/run/monitor-log.ts';
import { eventually, run, start } from './command.ts';

function line(message: string): string {
  return `{"time":"2024-08-08T23:55:00.000Z","level":"info","event":"started","message":"${message}"}`;
}

let cwd = '';
before(() => {
  cwd = mkdtempSync(join(tmpdir(), 'logs-command-'));
  mkdirSync(join(cwd, 'empty'));
  const log = new MonitorLog(join(cwd, 'told'));
  for (let at = 0; at < 60; at += 1) log.append(line(`event ${at}`));
  log.close();
});
after(() => rmSync(cwd, { recursive: true, force: true }));

describe('the logs command', () => {
  test('prints the last lines for eyes, or as they are kept', async () => {
    const readable = await run('logs', ['--data', 'told', '-n', '2'], { cwd });
    assert.deepEqual(
      [readable.code, readable.out],
      [0, '2024-08-08 23:55:00  event 58\n2024-08-08 23:55:00  event 59\n'],
    );
    const kept = await run('logs', ['--data', 'told', '--lines', '1', '--json'], { cwd });
    assert.equal(kept.out, `${line('event 59')}\n`);
    assert.equal((await run('logs', ['--data', 'told'], { cwd })).out.split('\n').length, 41);
  });

  test('-f goes on until it is told to end', async () => {
    const following = start('logs', ['--data', 'told', '-f', '-n', '1', '--json'], { cwd });
    await eventually(() => (following.out().includes('event 59') ? true : undefined), following.err);
    const log = new MonitorLog(join(cwd, 'told'));
    log.append(line('event 60'));
    log.close();
    await eventually(() => (following.out().includes('event 60') ? true : undefined), following.err);
    following.child.kill('SIGTERM');
    const { code, out } = await following.ended;
    assert.deepEqual([code, out], [0, `${line('event 59')}\n${line('event 60')}\n`]);
  });

  for (const [name, args, code, message] of [
    ['nothing told', ['--data', 'empty'], 0, /^No run has told anything in empty yet\.$/],
    ['a missing folder', ['--data', 'nowhere'], 1, /no folder nowhere/],
    ['no folder at all', [], 1, /There is no data in \.data yet\. Start the monitor first/],
    ['a bad count', ['--data', 'told', '-n', 'all'], 2, /--lines is "all"; allowed: a whole number/],
    ['an unknown flag', ['--folow'], 2, /--folow.*See --help/],
  ] as const) {
    test(`${name}: one clear message and exit code ${code}`, async () => {
      const outcome = await run('logs', args, { cwd });
      assert.deepEqual([outcome.code, outcome.out], [code, '']);
      assert.match(outcome.err.trimEnd(), message);
    });
  }

  test('status has clear words too where nothing runs, and where there is nothing', async () => {
    const stopped = await run('status', ['--data', 'told'], { cwd });
    assert.deepEqual(
      [stopped.code, stopped.out],
      [
        1,
        'Nothing runs on told. Its last run was last heard of at 2024-08-08T23:55:00.000Z. Start it with npm start.\n',
      ],
    );
    const none = await run('status', [], { cwd });
    assert.deepEqual([none.code, none.out], [1, '']);
    assert.match(none.err, /^There is no data in \.data yet\. Start the monitor first/);
    const json = await run('status', ['--data', 'empty', '--json'], { cwd });
    assert.deepEqual(JSON.parse(json.out), { kind: 'stopped', dir: 'empty', lastHeard: null });
  });
});
