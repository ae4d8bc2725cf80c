import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IdAccount } from '../../../shared/certificate/id-account.ts';
import type { Tick } from '../../../shared/events/tick.ts';
import type { Trade } from '../../../shared/events/trade.ts';

const SECOND_US = 1_000_000;

function trade(tradeId: number, fields: Partial<Trade> = {}): Trade {
  return {
    kind: 'trade',
    symbol: 'BTCUSDT',
    tradeId,
    price: { units: 1, scale: 0 },
    quantity: { units: 1, scale: 0 },
    tradeTimeUs: tradeId * SECOND_US,
    eventTimeUs: null,
    isBuyerMaker: true,
    receivedUs: tradeId * SECOND_US,
    source: 'live',
    raw: { partition: 0, offset: 0 },
    ...fields,
  };
}

function tick(fields: Partial<Tick>): Tick {
  return {
    kind: 'tick',
    symbol: 'BTCUSDT',
    feed: 'trades',
    timeUs: 0,
    contiguousId: null,
    gap: null,
    beganUs: null,
    endedUs: null,
    receivedUs: 0,
    source: 'live',
    raw: { partition: 0, offset: 0 },
    ...fields,
  };
}

const gap = (from: number, to: number, state: 'open' | 'filled' | 'unfillable') => ({
  from,
  to,
  state,
  beforeUs: (from - 1) * SECOND_US,
  afterUs: (to + 1) * SECOND_US,
});

describe('IdAccount', () => {
  it('counts received, repaired, doubled, late and missing ids', () => {
    const account = new IdAccount(10 * SECOND_US);
    for (const id of [1, 2, 3, 3, 10]) account.note(trade(id));
    account.note(tick({ gap: gap(4, 9, 'open') }));
    account.note(trade(40));
    for (const id of [4, 5]) account.note(trade(id, { source: 'backfill' }));
    account.note(tick({ gap: gap(6, 9, 'open') }));
    account.note(tick({ gap: gap(4, 9, 'filled') }));
    account.note(tick({ gap: gap(11, 39, 'unfillable') }));
    account.note(trade(4));
    assert.deepEqual(
      account.totals(() => undefined),
      {
        expected: 40,
        received: 6,
        repaired: 1,
        duplicate: 2,
        late: 2,
        missing: 33,
        untold: 0,
        unwatched: 0,
      },
    );
  });

  it('tells ids that nobody was to see from those that are missing without a word', () => {
    const account = new IdAccount(0);
    account.note(tick({ beganUs: 1 * SECOND_US }));
    for (const id of [1, 2, 5]) account.note(trade(id));
    account.note(tick({ endedUs: 5 * SECOND_US }));
    account.note(tick({ beganUs: 20 * SECOND_US }));
    for (const id of [20, 21]) account.note(trade(id));
    assert.deepEqual(account.unexplained(), [
      { from: 3, to: 4 },
      { from: 6, to: 19 },
    ]);
    const totals = account.totals((id) => id * SECOND_US);
    assert.deepEqual([totals.untold, totals.unwatched, totals.missing], [2, 14, 0]);
  });

  it('counts only what was traded within the range of time', () => {
    const account = new IdAccount(0, { fromUs: 3 * SECOND_US, toUs: 6 * SECOND_US });
    for (const id of [1, 2, 3, 5, 6, 7]) account.note(trade(id));
    account.note(tick({ gap: gap(4, 4, 'open') }));
    account.note(tick({ gap: gap(8, 9, 'open') }));
    const totals = account.totals(() => undefined);
    assert.deepEqual([totals.expected, totals.received, totals.missing], [3, 2, 1]);
  });

  it('takes the trades of a repaired aggregate for repaired ids', () => {
    const account = new IdAccount(0);
    account.note(trade(1));
    const { tradeId: _tradeId, kind: _kind, ...rest } = trade(2);
    account.note({
      ...rest,
      kind: 'aggTrade',
      aggTradeId: 7,
      firstTradeId: 2,
      lastTradeId: 4,
      source: 'backfill',
    });
    const totals = account.totals(() => undefined);
    assert.deepEqual([totals.expected, totals.received, totals.repaired], [4, 1, 3]);
  });
});
