import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Trade } from '../../../shared/events/trade.ts';
import type { HotItem } from '../../../shared/state/state-store.ts';
import { makeAggregate, makeSurroundings, toEvent, toRecords } from './aggregate-fixtures.ts';

const START_US = Date.UTC(2026, 10, 20, 12) * 1000;

test('an archive block that is newer than the hot item at hand sends the batch back to the newest state', async () => {
  const surroundings = makeSurroundings();
  const trades = Array.from({ length: 60 }, (_, at) => trade(at));
  const half = toRecords(trades.slice(0, 20));
  await makeAggregate(surroundings, false).process(toEvent(half));
  const stale = await surroundings.store.readHot(['trades#BTCUSDT']);
  for (const record of toRecords(trades).slice(20)) {
    await makeAggregate(surroundings, false).process(toEvent([record]));
  }

  let reads = 0;
  const readHot = async (keys: readonly string[]): Promise<ReadonlyMap<string, HotItem>> => {
    reads += 1;
    return reads === 1 ? stale : surroundings.store.readHot(keys);
  };
  const { store } = surroundings;
  const stalled = {
    readHot,
    writeHot: store.writeHot.bind(store),
    readBlock: store.readBlock.bind(store),
    writeBlock: store.writeBlock.bind(store),
  };
  const again = toRecords([trade(5), trade(25)]);
  const counts = await makeAggregate({ ...surroundings, store: stalled }, false).process(toEvent(again));
  assert.deepEqual([counts.lostRaces, counts.trades, counts.duplicates], [1, 0, 2]);
});

function trade(at: number): Trade {
  const tradeTimeUs = START_US + at * 10_000_000;
  return {
    kind: 'trade',
    symbol: 'BTCUSDT',
    tradeId: 1_000 + at,
    price: { units: 100 + at, scale: 0 },
    quantity: { units: 1, scale: 0 },
    tradeTimeUs,
    eventTimeUs: tradeTimeUs,
    isBuyerMaker: false,
    receivedUs: tradeTimeUs,
    source: 'live',
    raw: { partition: 0, offset: at },
  };
}
