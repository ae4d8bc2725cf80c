import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import type { Trade } from '../../../shared/events/trade.ts';
import { TABLE_SPECS } from '../../../shared/tables.ts';
import { tick } from '../../shared/window/window-fixtures.ts';
import { makeAggregate, makeSurroundings, plainRows, toEvent, toRecords } from './aggregate-fixtures.ts';

/** More holes than ranges are kept, so that old ranges leave the hot item. */
const HOLES = 90;
const START_US = Date.UTC(2026, 10, 21, 12, 0) * 1_000;
const SECOND_US = 1_000_000;

/** What comes after the holes: an id of a hole that comes late, an id that comes again, or the market goes on. */
const step = fc.record({
  kind: fc.constantFrom('fill', 'again', 'on'),
  hole: fc.nat(HOLES - 1),
});
const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });

test('with more holes than ranges are kept, every id counts once, however the batches are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120, size: 'max' }), cuts, async (steps, sizes) => {
      const log = logWithHoles(steps);
      const whole = await run(log, [log.length]);
      const ids = new Set(log.flatMap((event) => (event.kind === 'trade' ? [event.tradeId] : [])));
      assert.equal(
        whole.candles.reduce((sum, row) => sum + tradesOfPane(row), 0),
        ids.size,
      );
      assert.deepEqual(await run(log, sizes), whole);
    }),
    { numRuns: 25, endOnFailure: true },
  );
});

/** Two ids, a hole of one that is told as a gap, two ids, …: a second apart; then the steps. */
function logWithHoles(
  steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
): MarketEvent[] {
  const log: MarketEvent[] = [];
  for (let hole = 0; hole < HOLES; hole += 1) {
    log.push(trade(3 * hole));
    if (hole > 0) log.push(gap(hole - 1, 'open'));
    log.push(trade(3 * hole + 1));
  }
  let next = 3 * HOLES;
  const filled = new Set<number>();
  for (const { kind, hole } of steps) {
    if (kind === 'on') log.push(trade(next++));
    else if (kind === 'again') log.push(trade(3 * hole));
    else if (filled.has(hole)) log.push(gap(hole, 'filled'));
    else log.push(trade(3 * hole + 2));
    if (kind === 'fill') filled.add(hole);
  }
  const endedUs = START_US + next * SECOND_US;
  log.push(tick({ timeUs: endedUs, endedUs, receivedUs: endedUs }));
  return log;
}

function gap(hole: number, state: 'open' | 'filled'): MarketEvent {
  const id = 3 * hole + 2;
  const beforeUs = START_US + (id - 1) * SECOND_US;
  const afterUs = START_US + (id + 1) * SECOND_US;
  const change = { from: 1_000 + id, to: 1_000 + id, state, beforeUs, afterUs };
  return tick({ timeUs: afterUs, receivedUs: afterUs, gap: change });
}

function trade(at: number): Trade {
  const tradeTimeUs = START_US + at * SECOND_US;
  return {
    kind: 'trade',
    symbol: 'BTCUSDT',
    tradeId: 1_000 + at,
    price: { units: 6_000_000 + (at % 7), scale: 2 },
    quantity: { units: 1 + (at % 5), scale: 3 },
    tradeTimeUs,
    eventTimeUs: tradeTimeUs,
    isBuyerMaker: at % 2 === 0,
    receivedUs: tradeTimeUs,
    source: 'live',
    raw: { partition: 0, offset: at },
  };
}

async function run(log: readonly MarketEvent[], sizes: readonly number[]) {
  const surroundings = makeSurroundings();
  const aggregate = makeAggregate(surroundings);
  const records = toRecords(log);
  for (let at = 0, turn = 0; at < records.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    await aggregate.process(toEvent(records.slice(at, at + size)));
    at += size;
  }
  const tables = TABLE_SPECS.map(({ name }) => [name, plainRows(surroundings.rows.table(name))] as const);
  return { ...Object.fromEntries(tables), candles: plainRows(surroundings.rows.table('candles')) };
}

function tradesOfPane(row: Readonly<Record<string, unknown>>): number {
  return row.resolution === '10s' ? Number(row.trade_count) : 0;
}
