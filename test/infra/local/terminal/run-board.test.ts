import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RunEvent } from '../../../../infra/local/run/run-event.ts';
import type { MonitorView } from '../../../../infra/local/terminal/monitor-view.ts';
import { RunBoard } from '../../../../infra/local/terminal/run-board.ts';
import { tradeRow } from './rows.ts';
import { healthyIngest, NOW_US } from './views.ts';

function board(kind: 'live' | 'replay' = 'live') {
  const told: RunEvent[] = [];
  const clock = { nowUs: NOW_US };
  const feed = { kind, description: 'x', note: null };
  const facts = { feed, dataDir: 'd', startedUs: NOW_US - 5_000_000, symbols: ['BTCUSDT'] };
  const made = new RunBoard(
    facts,
    () => clock.nowUs,
    (event) => told.push(event),
  );
  const view = (nowUs = clock.nowUs): MonitorView =>
    made.view({ nowUs, ingest: healthyIngest({ frames: 700 }), lagRecords: 3, progress: null, alarms: [] });
  return { board: made, told, clock, view };
}

const gap = (state: 'open' | 'filled' | 'unfillable') =>
  ({ kind: 'gap', symbol: 'BTCUSDT', change: { from: 1, to: 2, state, beforeUs: 0, afterUs: 1 } }) as const;

describe('the board of a run', () => {
  test('counts rows by table, dead letters by reason, and gaps by what became of them', () => {
    const { board: run, view } = board();
    run.rows([tradeRow('BTCUSDT', 1, NOW_US, '1'), tradeRow('BTCUSDT', 2, NOW_US, '2')]);
    for (const state of ['open', 'filled', 'open', 'unfillable'] as const) run.report(gap(state));
    const outcome = { written: 1, superseded: 0, refused: [] };
    run.deadLetters({ byReason: { NOT_JSON: 2, BAD_TIME: 0 }, ...outcome });
    run.deadLetters({ byReason: { NOT_JSON: 1 }, ...outcome });
    run.error('aggregate', new Error('x'));
    const { counts, upMs, lagRecords, symbols } = view();
    assert.deepEqual(counts.rows, { trades: 2 });
    assert.deepEqual(counts.deadLetters, { NOT_JSON: 3 });
    assert.deepEqual(counts.gaps, { told: 2, filled: 1, unfillable: 1 });
    assert.deepEqual([counts.rowsWritten, counts.errors, upMs, lagRecords], [2, 1, 5_000, 3]);
    assert.equal(symbols[0]?.price, 2);
  });

  test('rates come from the views, one after the other', () => {
    const { board: run, view } = board();
    view(NOW_US);
    run.rows(Array.from({ length: 30 }, (_, id) => tradeRow('BTCUSDT', id, NOW_US, '1')));
    const { counts } = view(NOW_US + 2_000_000);
    assert.deepEqual([counts.rowsPerSecond, counts.framesPerSecond], [15, 0]);
  });

  test('the delay to the store is that of live trades, not of repaired ones, and none in a replay', () => {
    const { board: run, view } = board();
    const received = { ingestion_time_ms: NOW_US / 1_000 - 40 };
    run.rows([tradeRow('BTCUSDT', 1, NOW_US, '1', { ...received, source: 'backfill' })]);
    assert.equal(view().counts.storeDelayMs, null);
    run.rows([tradeRow('BTCUSDT', 2, NOW_US, '1', received)]);
    assert.equal(view().counts.storeDelayMs, 40);
    const replay = board('replay');
    replay.board.rows([tradeRow('BTCUSDT', 2, NOW_US, '1', received)]);
    assert.equal(replay.view().counts.storeDelayMs, null);
  });

  test('a message that repeats within ten seconds is told once, and again after them', () => {
    const { board: run, told, clock } = board();
    for (let second = 0; second < 12; second += 1) {
      clock.nowUs = NOW_US + second * 1_000_000;
      run.error('aggregate', new Error('the store is down'));
    }
    assert.equal(told.length, 2);
  });

  test('it remembers a bounded number of events, and what stays true for good', () => {
    const { board: run, view } = board();
    run.report({ kind: 'symbol', symbol: 'NOSUCH', message: 'NOSUCH is unknown' });
    for (let at = 0; at < 1_000; at += 1) run.error('x', new Error(String(at)));
    assert.equal(view().events.length, 100);
    assert.equal(view().events.at(-1)?.message, 'x: 999');
    assert.deepEqual(view().warnings, ['NOSUCH is unknown']);
  });

  test('what is for debugging is told and not shown', () => {
    const { board: run, told, view } = board();
    run.report({ kind: 'audit', symbol: 'BTCUSDT', openTimeMs: 0, outcome: 'appended' });
    assert.deepEqual([told.length, view().events.length], [1, 0]);
  });
});
