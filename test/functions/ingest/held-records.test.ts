import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldRecords } from '../../../functions/ingest/held-records.ts';
import type { LaneEntry } from '../../../functions/ingest/lane-port.ts';
import type { Gap } from '../../../shared/ledger/gap.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';

const LIMITS = { graceMs: 200, maxMs: 10_000, maxRecords: 4 };

test('what follows a gap is held in the order of its ids, with all behind it, until the gap lets go', () => {
  const { held, told } = made();
  const gap = gapOf(5, 6);
  held.hold(gap);
  for (const id of [4, 7, null, 8]) held.pass(entry(id));
  assert.deepEqual([told, held.size, held.tradeIds()], [['4'], 3, [7, 8]]);
  held.passInto(gap, entry(5));
  held.letGo(gap);
  assert.deepEqual(told, ['4', '5', '7', 'other', '8']);
});

test('a trade of a higher gap takes its place behind the lower one', () => {
  const { held, told } = made();
  const [low, high] = [gapOf(5, 5), gapOf(8, 8)];
  for (const gap of [high, low]) held.hold(gap);
  for (const id of [7, 9]) held.pass(entry(id));
  held.passInto(high, entry(8));
  held.letGo(high);
  assert.deepEqual(told, []);
  held.letGo(low);
  assert.deepEqual(told, ['7', '8', '9']);
});

test('letting the lower gap go leaves held what follows the higher one', () => {
  const { held, told } = made();
  const [low, high] = [gapOf(5, 5), gapOf(8, 8)];
  for (const gap of [low, high]) held.hold(gap);
  for (const id of [7, null, 9]) held.pass(entry(id));
  held.letGo(low);
  assert.deepEqual(told, ['7', 'other']);
  assert.deepEqual(held.gaps, [high]);
  held.letAllGo();
  assert.deepEqual(told, ['7', 'other', '9']);
});

test('a gap is told once frames had the time to swap, and its bound in time some seconds later', () => {
  const { held, told, clock } = made();
  held.hold(gapOf(5, 6));
  clock.advanceTo(199_000);
  assert.deepEqual(told, []);
  clock.advanceTo(200_000);
  assert.deepEqual(told, ['gap 5']);
  clock.advanceTo(10_200_000);
  assert.deepEqual(told, ['gap 5', 'bound 5']);
});

test('more than the bound in number is told too', () => {
  const { held, told } = made();
  held.hold(gapOf(5, 6));
  for (const id of [7, 8, 9, 10]) held.pass(entry(id));
  assert.deepEqual(told, []);
  held.pass(entry(11));
  assert.deepEqual(told, ['bound 5']);
});

function made() {
  const told: string[] = [];
  const clock = new VirtualClock(0);
  const held = new HeldRecords(clock, LIMITS, {
    deliver: ({ tradeId }) => told.push(String(tradeId ?? 'other')),
    onGap: (gap) => told.push(`gap ${gap.from}`),
    onBound: (gap) => told.push(`bound ${gap.from}`),
  });
  return { held, told, clock };
}

function entry(tradeId: number | null): LaneEntry {
  return { tradeId, exchangeUs: null, record: null };
}

function gapOf(from: number, to: number): Gap {
  return {
    symbol: 'BTCUSDT',
    from,
    to,
    cause: 'skipped',
    openedUs: 0,
    beforeUs: 0,
    afterUs: 0,
    state: 'open',
    filledUs: null,
    source: null,
    holes: [{ from, to, beforeUs: 0, afterUs: 0 }],
  };
}
