import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deadLetterRow } from '../../functions/dead-letter/dead-letter-row.ts';
import { COLUMNS, type TableColumns } from '../../shared/columns.ts';
import type { Signal } from '../../shared/events/signal.ts';
import type { Row } from '../../shared/row.ts';
import { signalRow } from '../../shared/signals/signal-row.ts';
import { thresholdsFor } from '../../shared/signals/thresholds.ts';
import { TABLE_SPECS, TABLES, type TableName } from '../../shared/tables.ts';
import { candleRow } from '../../shared/window/candle-row.ts';
import { Figures } from '../../shared/window/figures.ts';
import { quoteRow, spreadRow } from '../../shared/window/spread-row.ts';
import { SpreadWindow } from '../../shared/window/spread-window.ts';
import { tradeRow } from '../../shared/window/trade-row.ts';
import { foldTrade } from './window/window-fixtures.ts';

/** Rows in which nothing is left out. */
const WHOLE_ROWS: Readonly<Record<TableName, () => Row>> = {
  candles: () => {
    const figures = new Figures();
    figures.add(foldTrade({ id: 1, price: '100', quantity: '1', timeMs: 0 }));
    figures.add(foldTrade({ id: 2, price: '101', quantity: '2', timeMs: 1, maker: true }));
    return candleRow(
      {
        symbol: 'BTCUSDT',
        resolution: '1m',
        startPane: 6,
        figures,
        whales: 0,
        provenance: { coverage: 'repaired', revision: 1, reason: 'late' },
        audit: 'equal',
        final: true,
        sequence: 2,
      },
      { volatilityStddev: 2, volumeSpike: 50 },
      1,
    );
  },
  spreads: () => {
    const window = new SpreadWindow(1);
    window.add({ updateId: 1, bidUnits: 99, bidScale: 0, askUnits: 100, askScale: 0 });
    return spreadRow('BTCUSDT', { window, final: true, sequence: 1 }, thresholdsFor('BTCUSDT'), 1);
  },
  signals: () => signalRow(SIGNAL, 1),
  trades: () =>
    tradeRow(
      {
        ...foldTrade({ id: 1, price: '100', quantity: '1', timeMs: 0 }),
        symbol: 'BTCUSDT',
        eventTimeUs: 1,
        receivedUs: 2,
        rawPartition: 0,
        rawOffset: 0,
      },
      1,
    ),
  quotes: () =>
    quoteRow(
      {
        symbol: 'BTCUSDT',
        updateId: 1,
        bidUnits: 99,
        bidScale: 0,
        bidQuantityUnits: 1,
        bidQuantityScale: 0,
        askUnits: 100,
        askScale: 0,
        askQuantityUnits: 1,
        askQuantityScale: 0,
        receivedUs: 1,
        rawPartition: 0,
        rawOffset: 0,
      },
      1,
    ),
  dead_letters: () =>
    deadLetterRow({
      reason: 'NOT_JSON',
      error: 'The text is not JSON.',
      topic: 'binance.raw.trades',
      partition: 0,
      offset: 1,
      key: 'BTCUSDT',
      receivedMs: 1,
      refusedMs: 2,
      attempts: 1,
      payload: Buffer.from('{'),
    }),
};

const SIGNAL: Signal = {
  id: '00000000000000ff',
  symbol: 'BTCUSDT',
  kind: 'volume-baseline',
  severity: 'warning',
  state: 'open',
  value: 9,
  threshold: 3,
  baseline: 1,
  evidence: { ids: [1], prices: [100], quantity: null, window: null },
  openedBy: 1,
  timeUs: 1_000,
  version: 1,
};

describe('the columns of the tables', () => {
  for (const table of Object.values(TABLES)) {
    it(`of ${table} are exactly those that its rows have, with their types`, () => {
      const known: TableColumns = COLUMNS[table];
      const row = WHOLE_ROWS[table]();
      assert.equal(row.table, table);
      assert.deepEqual(
        row.dimensions.map(([name]) => name),
        known.dimensions,
      );
      const found = row.columns.map(({ name, type }) => [name, type]);
      assert.deepEqual(found.sort(), Object.entries(known.measures).sort());
    });
  }

  it('are named for every table that is created', () => {
    assert.deepEqual(TABLE_SPECS.map(({ name }) => name).sort(), Object.keys(COLUMNS).sort());
  });
});
