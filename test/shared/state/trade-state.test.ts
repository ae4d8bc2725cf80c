import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTradeState, writeTradeState } from '../../../shared/state/trade-state.ts';
import { DEFAULT_RESOLUTIONS } from '../../../shared/window/resolution.ts';
import { TradeWindows } from '../../../shared/window/trade-windows.ts';

const RULES = {
  resolutions: DEFAULT_RESOLUTIONS,
  delayUs: 10_000_000,
  retentionUs: 7 * 86_400_000_000,
  whaleQuoteValue: null,
};

function windows(): TradeWindows {
  const made = new TradeWindows('BTCUSDT', RULES, 7);
  made.sequence = 11;
  made.ids.addRange(100, 110);
  return made;
}

test('how far the log was folded is stored, and nothing is stored where it was not', () => {
  const made = windows();
  assert.equal(readTradeState('BTCUSDT', RULES, writeTradeState(made)).foldedTo, null);
  made.noteFolded(5, 4_000_000_000);
  const read = readTradeState('BTCUSDT', RULES, writeTradeState(made));
  assert.deepEqual(read.foldedTo, { partition: 5, next: 4_000_000_001 });
});

test('a record that comes again takes nothing back; another partition begins anew', () => {
  const made = windows();
  made.noteFolded(0, 9);
  made.noteFolded(0, 4);
  assert.deepEqual(made.foldedTo, { partition: 0, next: 10 });
  made.noteFolded(1, 4);
  assert.deepEqual(made.foldedTo, { partition: 1, next: 5 });
});

test('a state of format 1, which did not say how far the log was folded, is read', () => {
  const bytes = writeTradeState(windows());
  // Without the two bytes that format 2 added.
  const old = Buffer.concat([Buffer.of(1), bytes.subarray(1, -2)]);
  const read = readTradeState('BTCUSDT', RULES, old);
  assert.deepEqual([read.epoch, read.sequence, read.foldedTo], [7, 11, null]);
});

test('a state of a newer format is refused', () => {
  const bytes = writeTradeState(windows());
  bytes[0] = 3;
  assert.throws(() => readTradeState('BTCUSDT', RULES, bytes), { code: 'STATE_FORMAT' });
});
