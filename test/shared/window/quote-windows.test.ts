import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { thresholdsFor } from '../../../shared/signals/thresholds.ts';
import { QuoteWindows } from '../../../shared/window/quote-windows.ts';
import { spreadRow } from '../../../shared/window/spread-row.ts';
import { SPREAD_WINDOW_US } from '../../../shared/window/spread-window.ts';
import { columnsOf, tick } from './window-fixtures.ts';

const START_US = 60_000 * SPREAD_WINDOW_US;
const thresholds = thresholdsFor('BTCUSDT');

function quoteAt(updateId: number, receivedUs: number) {
  return { updateId, receivedUs, bidUnits: 100, bidScale: 0, askUnits: 102, askScale: 0 };
}

describe('QuoteWindows', () => {
  it('a watch that begins in a window whose row stands already gives the row a higher version', () => {
    const windows = new QuoteWindows('BTCUSDT', 10_000_000, 1);
    const rows = (nowUs: number) =>
      windows.take(nowUs).map((due) => spreadRow('BTCUSDT', due, thresholds, 1));
    windows.foldQuote(quoteAt(1, START_US + 1_000_000));
    const [open] = rows(START_US + 1_000_000);
    assert.equal(open && columnsOf(open).coverage, 'complete');
    windows.foldTick(tick({ feed: 'quotes', beganUs: START_US + 2_000_000 }));
    const [partial] = rows(START_US + 3_000_000);
    assert.ok(open !== undefined && partial !== undefined);
    assert.equal(columnsOf(partial).coverage, 'partial');
    assert.ok(BigInt(partial.version) > BigInt(open.version));
  });

  it('a watch that begins in a window that is final revises its row', () => {
    const windows = new QuoteWindows('BTCUSDT', 10_000_000, 1);
    windows.foldQuote(quoteAt(1, START_US + 1_000_000));
    windows.foldTick(tick({ feed: 'quotes', timeUs: START_US + 2 * SPREAD_WINDOW_US }));
    const [final] = windows.take(0);
    assert.equal(final?.final, true);
    const before = final && spreadRow('BTCUSDT', final, thresholds, 1).version;
    windows.foldTick(tick({ feed: 'quotes', beganUs: START_US + 2_000_000 }));
    const [again] = windows.take(0);
    assert.equal(again?.final, true);
    assert.ok(
      BigInt((again && spreadRow('BTCUSDT', again, thresholds, 1).version) ?? 0) > BigInt(before ?? 0),
    );
  });
});
