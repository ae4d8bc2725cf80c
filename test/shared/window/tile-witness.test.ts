import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AggTrade } from '../../../shared/events/agg-trade.ts';
import { TileWitness } from '../../../shared/window/tile-witness.ts';
import { makeWindows } from './window-fixtures.ts';

test('aggregates that tile the trade ids are no mismatch', () => {
  assert.equal(mismatches([agg(7, 100, 103), agg(8, 104, 104), agg(9, 105, 110)]), 0);
});

test('an aggregate that leaves out ids, or counts ids again, is one', () => {
  assert.equal(mismatches([agg(7, 100, 103), agg(8, 105, 106)]), 1);
  assert.equal(mismatches([agg(7, 100, 103), agg(8, 103, 106)]), 1);
});

test('where aggregates were missed nothing can be said, and one that comes again says nothing', () => {
  assert.equal(mismatches([agg(7, 100, 103), agg(9, 150, 151), agg(10, 152, 152)]), 0);
  assert.equal(mismatches([agg(7, 100, 103), agg(8, 104, 104), agg(7, 100, 103), agg(8, 104, 104)]), 0);
});

test('the windows of a symbol hold its aggregates to this', () => {
  const windows = makeWindows();
  for (const event of [agg(7, 100, 103), agg(8, 105, 106), agg(9, 107, 107)]) windows.foldAggTrade(event);
  assert.equal(windows.tiles.takeMismatches(), 1);
  assert.equal(windows.tiles.takeMismatches(), 0);
});

function mismatches(aggregates: readonly AggTrade[]): number {
  const witness = new TileWitness();
  for (const aggregate of aggregates) witness.note(aggregate);
  return witness.takeMismatches();
}

function agg(aggTradeId: number, firstTradeId: number, lastTradeId: number): AggTrade {
  return {
    kind: 'aggTrade',
    symbol: 'BTCUSDT',
    aggTradeId,
    firstTradeId,
    lastTradeId,
    price: { units: 6_000_000, scale: 2 },
    quantity: { units: 1, scale: 0 },
    tradeTimeUs: 1_795_000_000_000_000,
    eventTimeUs: 1_795_000_000_001_000,
    isBuyerMaker: false,
    receivedUs: 1_795_000_000_002_000,
    source: 'live',
    raw: { partition: 0, offset: aggTradeId },
  };
}
