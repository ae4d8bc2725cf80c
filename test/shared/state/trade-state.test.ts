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

/** What the program of format 1 wrote after three trades and a gap: two in the first pane, one repaired in the next. */
const FORMAT_1 = [
  '010104819fdcd381999803e0b4cd5500e2b4cd55000000026401020002e0b4cd55040402020164018a9bee02000f0ff4',
  '9f9c3919a6a7c34705b287a70ea3b6dc05d5e7d4bbbeaf1001000001660102010181e085cd8199980300010504010003',
  '6800dfd403000000dfd40301dfd40301dfd403dfd403c19ec7b40d0000000001000000',
].join('');

test('a state of format 1 is read, and goes on as its own', () => {
  const read = readTradeState('BTCUSDT', RULES, Buffer.from(FORMAT_1, 'hex'));
  assert.deepEqual(read.ids.ranges(), [
    { from: 100, to: 101 },
    { from: 104, to: 104 },
  ]);
  assert.deepEqual([read.sequence, read.foldedTo, read.panes.gapFloor], [4, null, 0]);
  const [first, second] = read.panes.hot;
  assert.deepEqual([first?.figures.count, second?.figures.count, second?.repaired], [2, 1, true]);
  assert.equal(first?.toldGaps.length, 1);
  assert.equal(read.panes.gapPanes.size, 1, 'the gap still waits for its trades');
  const again = readTradeState('BTCUSDT', RULES, writeTradeState(read));
  assert.deepEqual(again.ids.ranges(), read.ids.ranges());
  assert.deepEqual(again.panes.hot, read.panes.hot);
});

test('a state of a newer format is refused', () => {
  const bytes = writeTradeState(windows());
  bytes[0] = 3;
  assert.throws(() => readTradeState('BTCUSDT', RULES, bytes), { code: 'STATE_FORMAT' });
});
