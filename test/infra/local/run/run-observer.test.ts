import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { MONITOR_LOG, MonitorLog } from '../../../../infra/local/run/monitor-log.ts';
import { RunObserver } from '../../../../infra/local/run/run-observer.ts';
import { VirtualClock } from '../../../../shared/virtual-clock.ts';
import { healthyIngest, NOW_US } from '../terminal/views.ts';

let root = '';
before(() => {
  root = mkdtempSync(join(tmpdir(), 'run-observer-'));
});
after(() => rmSync(root, { recursive: true, force: true }));

function observe(name: string, isTTY: boolean, environment: Readonly<Record<string, string>> = {}) {
  const writes: string[] = [];
  const clock = new VirtualClock(NOW_US);
  const dir = join(root, name);
  const observer = new RunObserver({
    facts: {
      feed: { kind: 'live', description: 'wss://x', note: null },
      dataDir: dir,
      startedUs: NOW_US,
      symbols: ['BTCUSDT'],
    },
    clock,
    out: { isTTY, columns: 80, rows: 24, write: (text: string) => writes.push(text) },
    environment,
    log: new MonitorLog(dir),
    statusEveryMs: 5_000,
  });
  observer.open();
  observer.attach({
    status: () => healthyIngest(),
    lagRecords: () => Promise.resolve(4),
    progress: () => null,
  });
  const kept = (): readonly { readonly event: string; readonly status?: string }[] =>
    readFileSync(join(dir, MONITOR_LOG), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { observer, clock, writes, kept };
}

describe('an observed run', () => {
  test('on a terminal: frames in place, the last one left behind, the cursor given back', () => {
    const { observer, clock, writes } = observe('terminal', true);
    clock.advanceTo(NOW_US + 2_000_000);
    assert.equal(writes.length, 9);
    assert.ok(writes[0]?.includes('\u001b[?25l') && writes[0].includes('starting'));
    assert.ok(writes.at(-1)?.includes('healthy'));
    assert.doesNotMatch(writes.join(''), /"event"/);
    observer.close('stopped');
    assert.ok(writes.at(-1)?.startsWith('\u001b[?25h\u001b[?1049l'));
    assert.ok(writes.at(-1)?.includes('stopped'));
    observer.close('stopped');
    observer.abandon();
    clock.advanceTo(NOW_US + 60_000_000);
    assert.equal(writes.length, 10);
  });

  test('without a terminal: events as they come, a status every five seconds, nothing else', () => {
    const { observer, clock, writes } = observe('lines', false);
    observer.event('info', 'started', 'Running.', { store: 'here' });
    clock.advanceTo(NOW_US + 11_000_000);
    observer.close('finished');
    const lines = writes.map((text) => JSON.parse(text));
    assert.deepEqual(
      lines.map(({ event, status }) => status ?? event),
      ['started', 'ok', 'ok', 'finished'],
    );
    assert.ok(!writes.join('').includes('\u001b'));
    assert.equal(lines.at(-1).lag_records, 0);
  });

  test('a dumb terminal gets lines', () => {
    const { clock, writes } = observe('dumb', true, { TERM: 'dumb' });
    clock.advanceTo(NOW_US + 5_000_000);
    assert.equal(JSON.parse(writes.join('')).event, 'status');
  });

  test('both keep events, debugging ones too, and a status every ten seconds in monitor.log', () => {
    const { observer, clock, kept, writes } = observe('kept', false);
    observer.report({ kind: 'audit', symbol: 'BTCUSDT', openTimeMs: 0, outcome: 'appended' });
    clock.advanceTo(NOW_US + 21_000_000);
    observer.close('stopped');
    assert.deepEqual(
      kept().map(({ event, status }) => status ?? event),
      ['audit', 'ok', 'ok', 'stopped'],
    );
    assert.doesNotMatch(writes.join(''), /audit/);
  });

  test('a run that is told to stop says so once, and how it stands meanwhile', () => {
    const { observer, clock, writes } = observe('stopping', false);
    observer.stopping();
    observer.stopping();
    clock.advanceTo(NOW_US + 5_000_000);
    assert.deepEqual(
      writes.map((text) => JSON.parse(text)).map(({ event, status }) => status ?? event),
      ['stopping', 'stopping'],
    );
  });
});
