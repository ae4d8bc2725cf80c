import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { timestreamRowWriter } from '../../../functions/adapters/timestream/row-writer.ts';
import { nanosecondsOf, SignalTable, timestampOf } from '../../../functions/notify/signal-table.ts';
import type { Signal } from '../../../shared/events/signal.ts';
import { signalId } from '../../../shared/signals/signal-id.ts';
import { signalRow, signalTimeNs } from '../../../shared/signals/signal-row.ts';
import { startStore, type TestStore } from '../../infra/local/timestream/clients.ts';

/** A minute ago, in whole microseconds: the store refuses what is outside its retention. */
const NOW_US = Math.floor(Date.now() - 60_000) * 1000;

function signal(openedBy: number, fields: Partial<Signal> = {}): Signal {
  const { kind = 'whale', symbol = 'BTCUSDT' } = fields;
  return {
    id: signalId(kind, symbol, openedBy),
    symbol,
    kind,
    severity: 'info',
    state: 'open',
    value: 140_000.5,
    threshold: 100_000,
    baseline: null,
    evidence: { ids: [openedBy], prices: [61_837.63], quantity: 2.25, window: null },
    openedBy,
    timeUs: NOW_US,
    version: 1,
    ...fields,
  };
}

describe('the signals of the store', () => {
  let store: TestStore;
  let signals: SignalTable;
  before(async () => {
    store = await startStore();
    signals = new SignalTable(store.query, 'market');
    const writer = timestreamRowWriter({
      client: store.write,
      random: () => 0,
      sleep: async () => {},
    });
    const cleared = { state: 'cleared', version: 2, value: 9, baseline: 3, kind: 'price-spike' } as const;
    const written = await writer.write(
      [
        signal(1),
        signal(2),
        signal(3, { symbol: 'ETHUSDT' }),
        signal(4, { kind: 'price-spike' }),
        signal(4, cleared),
      ].map((each) => signalRow(each, 7)),
    );
    assert.deepEqual(written.refused, []);
  });
  after(() => store.close());

  const asked = (kind: Signal['kind'], symbol: string | null, afterNs = '0') =>
    signals.signals({ kind, symbol, afterNs, limit: 20 });

  it('are read from a table in which no signal has had a baseline yet', async () => {
    const young = await startStore();
    try {
      const writer = timestreamRowWriter({ client: young.write, random: () => 0, sleep: async () => {} });
      await writer.write([signalRow(signal(1), 7)]);
      const wanted = { kind: 'whale', symbol: 'BTCUSDT', afterNs: '0', limit: 20 } as const;
      const [found] = await new SignalTable(young.query, 'market').signals(wanted);
      assert.deepEqual([found?.value, found?.baseline], [140_000.5, null]);
    } finally {
      await young.close();
    }
  });

  it('are read by kind and symbol, newest first, with their evidence', async () => {
    const found = await asked('whale', 'BTCUSDT');

    assert.deepEqual(
      found.map(({ ids }) => ids),
      [[2], [1]],
    );
    assert.deepEqual(found[1], {
      symbol: 'BTCUSDT',
      severity: 'info',
      state: 'open',
      value: 140_000.5,
      threshold: 100_000,
      baseline: null,
      timeNs: signalTimeNs(signal(1)),
      ids: [1],
      prices: [61_837.63],
    });
  });

  it('are of all symbols where none is named', async () => {
    assert.equal((await asked('whale', null)).length, 3);
  });

  it('are only those after a row time, to the nanosecond', async () => {
    const found = await asked('whale', 'BTCUSDT', signalTimeNs(signal(1)));

    assert.deepEqual(
      found.map(({ ids }) => ids),
      [[2]],
    );
  });

  it('are one row once cleared: the clearing replaced the opening', async () => {
    const found = await asked('price-spike', 'BTCUSDT');

    assert.deepEqual(
      found.map(({ state, value, baseline }) => [state, value, baseline]),
      [['cleared', 9, 3]],
    );
  });

  it('are not asked for with a text that could be a statement', async () => {
    await assert.rejects(asked('whale', "X' OR '1"), { code: 'SIGNAL_QUERY' });
  });

  it('keep nanoseconds through the text of the store', () => {
    for (const nanoseconds of ['1723161255342683259', '1723161255000000000', '1723161255000000001']) {
      assert.equal(nanosecondsOf(timestampOf(nanoseconds)), nanoseconds);
    }
  });
});
