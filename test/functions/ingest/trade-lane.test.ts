import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FeedTime } from '../../../functions/ingest/feed-time.ts';
import type { LanePort } from '../../../functions/ingest/lane-port.ts';
import { TradeLane } from '../../../functions/ingest/trade-lane.ts';
import { SymbolLedger } from '../../../shared/ledger/symbol-ledger.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';

const START_US = 1_723_161_600_000_000;

function laneAt(firstFrameUs: number) {
  const ticks: Parameters<LanePort['tick']>[0][] = [];
  const time = new FeedTime();
  const lane = new TradeLane(
    new SymbolLedger('XMRBTC'),
    time,
    new VirtualClock(START_US),
    { graceMs: 200, maxMs: 10_000, maxRecords: 100 },
    {
      deliver: () => {},
      tick: (tick) => ticks.push(tick),
      requestRepair: () => true,
      gapChanged: () => {},
      idsReset: () => {},
      idDoubted: () => {},
    },
  );
  time.note(firstFrameUs);
  lane.begin();
  return { lane, ticks };
}

describe('TradeLane', () => {
  it('ends its watch no earlier than its newest trade, though the last frame was older', () => {
    const { lane, ticks } = laneAt(START_US);
    lane.offer({ tradeId: 7, exchangeUs: START_US, record: null }, START_US);
    // A quiet symbol: REST was asked whether trades passed, and had one.
    const tradeUs = START_US + 12_000_000;
    lane.repair({ tradeId: 8, exchangeUs: tradeUs, record: null }, { from: 8, to: 8 }, tradeUs);
    lane.end();
    assert.equal(ticks.at(-1)?.endedUs, tradeUs);
  });

  it('owes the first trade of its watch until it is learned, and opens what lies before the first that came', () => {
    const { lane, ticks } = laneAt(START_US);
    assert.equal(lane.reachUs, START_US);
    lane.offer({ tradeId: 7, exchangeUs: START_US + 1, record: null }, START_US + 1);
    assert.equal(lane.reachUs, START_US, 'a frame that came says nothing of those before it');
    lane.reachBack(5, START_US);
    assert.equal(lane.reachUs, null);
    assert.deepEqual(
      ticks.flatMap(({ gap }) => gap ?? []),
      [{ from: 5, to: 6, beforeUs: START_US, afterUs: START_US + 1, state: 'open' }],
    );
  });

  it('goes on with a watch that was planned before it, and says that it began with that one', () => {
    const { lane, ticks } = laneAt(START_US + 9_000_000);
    lane.offer({ tradeId: 7, exchangeUs: START_US + 9_000_001, record: null }, START_US + 9_000_001);
    lane.reachBack(5, START_US);
    assert.deepEqual(
      ticks.flatMap(({ beganUs }) => beganUs ?? []),
      [START_US + 9_000_000, START_US],
    );
  });
});
