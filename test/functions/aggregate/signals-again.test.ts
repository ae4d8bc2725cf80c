import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDecimal } from '../../../shared/decimal.ts';
import type { Trade } from '../../../shared/events/trade.ts';
import { tick } from '../../shared/window/window-fixtures.ts';
import { makeAggregate, makeSurroundings, plainRows, toEvent, toRecords } from './aggregate-fixtures.ts';

const START_MS = 1_772_439_300_000;

/** A trade that was filled; three of them lift the pane's volume over the threshold of 6. */
function filled(id: number, atMs: number): Trade {
  const [price, quantity] = [parseDecimal('0.5'), parseDecimal('3')];
  assert.ok(price !== undefined && quantity !== undefined);
  return {
    kind: 'trade',
    symbol: 'BTCUSDT',
    eventTimeUs: null,
    tradeId: id,
    price,
    quantity,
    tradeTimeUs: (START_MS + atMs) * 1_000,
    isBuyerMaker: false,
    receivedUs: (START_MS + 24_000) * 1_000,
    source: 'backfill',
    raw: { partition: 0, offset: id },
  };
}

test('a tick that comes again clears no signal that later trades opened', async () => {
  // Prepare: the tick is ahead of the trades that are filled behind it.
  const aheadUs = (START_MS + 24_000) * 1_000;
  const ahead = tick({ timeUs: aheadUs, receivedUs: aheadUs });
  const records = toRecords([ahead, filled(1, 4_000), filled(2, 5_000), filled(3, 6_000), filled(4, 7_000)]);
  const once = makeSurroundings();
  await makeAggregate(once).process(toEvent(records));
  const again = makeSurroundings();

  // Act
  await makeAggregate(again).process(toEvent(records.slice(0, 4)));
  await makeAggregate(again).process(toEvent(records.slice(0, 4)));
  await makeAggregate(again).process(toEvent(records));

  // Assess
  const signals = plainRows(once.rows.table('signals'));
  assert.ok(signals.some((signal) => signal.kind === 'volume-spike' && signal.state === 'open'));
  assert.deepEqual(plainRows(again.rows.table('signals')), signals);
});
