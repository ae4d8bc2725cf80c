import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { QUOTE_STATE_FORMAT, readQuoteState, writeQuoteState } from '../../../shared/state/quote-state.ts';
import { QuoteWindows } from '../../../shared/window/quote-windows.ts';
import { SPREAD_WINDOW_US } from '../../../shared/window/spread-window.ts';
import { tick } from '../window/window-fixtures.ts';

const START_US = 60_000 * SPREAD_WINDOW_US;
const DELAY_US = 10_000_000;

/** What the program of format 1 wrote of two windows: a beginning and a quote at 1 s, and a quote at 31 s. */
const FORMAT_1 = Buffer.from(
  '0107020ac1abd5d1b134e0d40302e0d40301c1a4aec3b134000100056466020202fcc699d7e105fcc699d7e105fcc699d7e105' +
    '010200000100096467030303bfd48b89cd08bfd48b89cd08bfd48b89cd0800',
  'hex',
);

describe('the state of quote windows', () => {
  it('comes back as it was written', () => {
    const quotes = new QuoteWindows('BTCUSDT', DELAY_US, 7);
    const sides = { bidUnits: 100, bidScale: 0, askUnits: 102, askScale: 0 };
    quotes.foldTick(tick({ feed: 'quotes', timeUs: START_US, beganUs: START_US }));
    quotes.foldQuote({ updateId: 5, receivedUs: START_US + 1_000_000, ...sides });
    quotes.foldTick(
      tick({
        feed: 'quotes',
        timeUs: START_US + 9_000_000,
        endedUs: START_US + 2_000_000,
        beganUs: START_US + 9_000_000,
      }),
    );
    const bytes = writeQuoteState(quotes);
    const read = readQuoteState('BTCUSDT', DELAY_US, bytes);
    assert.equal(read.lastQuoteUs, START_US + 1_000_000);
    assert.equal(read.lastBeganUs, START_US + 9_000_000);
    assert.equal(read.maxReceivedUs, START_US + 9_000_000);
    assert.deepEqual(writeQuoteState(read), bytes);
  });

  it('of the first format is read, and an interruption told after it marks its windows', () => {
    const quotes = readQuoteState('BTCUSDT', DELAY_US, FORMAT_1);
    assert.equal(quotes.epoch, 7);
    assert.equal(quotes.lastUpdateId, 9);
    assert.equal(quotes.maxReceivedUs, START_US + 31_000_000);
    assert.deepEqual(
      [...quotes.windows.values()].map(({ index, count, isPartial }) => [index, count, isPartial]),
      [
        [60_000, 1, true],
        [60_001, 1, false],
      ],
    );
    quotes.foldTick(
      tick({
        feed: 'quotes',
        timeUs: START_US + 40_000_000,
        endedUs: START_US + 31_000_000,
        beganUs: START_US + 40_000_000,
      }),
    );
    assert.equal(quotes.windows.get(60_001)?.isPartial, true);
    assert.equal(writeQuoteState(quotes)[0], QUOTE_STATE_FORMAT);
  });

  it('of a newer program is refused with what to do', () => {
    const bytes = Buffer.from(FORMAT_1);
    bytes[0] = QUOTE_STATE_FORMAT + 1;
    assert.throws(() => readQuoteState('BTCUSDT', DELAY_US, bytes), { code: 'STATE_FORMAT' });
  });
});
