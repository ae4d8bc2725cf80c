import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Signal } from '../../../shared/events/signal.ts';
import { QuoteSignals } from '../../../shared/signals/quote-signals.ts';
import { thresholdsFor } from '../../../shared/signals/thresholds.ts';
import { type PlainQuote, quoteMoments } from './moments.ts';

const START = 1_723_161_240_000_000;

function signalsOf(quotes: readonly PlainQuote[], storeEach = false): Signal[] {
  const out: Signal[] = [];
  let signals = new QuoteSignals('ETHUSDT', thresholdsFor('ETHUSDT'));
  for (const moment of quoteMoments(quotes)) {
    signals.onQuote(moment, out);
    if (!storeEach) continue;
    const stored = JSON.stringify(signals.toState());
    assert.ok(stored.length < 600);
    signals = new QuoteSignals('ETHUSDT', thresholdsFor('ETHUSDT'));
    signals.fromState(JSON.parse(stored));
  }
  return out;
}

function quote(seconds: number, bid: number, ask: number): PlainQuote {
  return { id: 500 + seconds, timeUs: START + seconds * 1_000_000, bid, ask };
}

describe('QuoteSignals', () => {
  it('opens a wide spread at more than three times the smallest of the window, once', () => {
    const quotes = [quote(0, 99, 99.1), quote(1, 99, 99.3), quote(2, 99, 99.31), quote(3, 99, 99.4)];
    const found = signalsOf(quotes).filter((signal) => signal.kind === 'wide-spread');

    assert.deepEqual(
      found.map(({ openedBy, state, evidence }) => [openedBy, state, evidence.prices]),
      [[502, 'open', [0.1, 0.31]]],
    );
    assert.deepEqual(signalsOf(quotes, true), signalsOf(quotes), 'batch boundaries change nothing');
  });

  it('does not take exactly three times for more because of binary fractions', () => {
    const found = signalsOf([quote(0, 9900, 9900.35), quote(1, 9900, 9901.05)]);

    assert.deepEqual(found, []);
  });

  it('tells a spread in basis points and clears it after a calm window', () => {
    const found = signalsOf([
      quote(0, 100, 100.2),
      quote(31, 100, 100.09),
      quote(61, 100, 100.01),
      quote(91, 100, 100.01),
    ]).filter((signal) => signal.kind === 'wide-spread-bps');

    assert.deepEqual(
      found.map(({ state, evidence }) => [state, evidence.ids]),
      [
        ['open', [500]],
        ['cleared', [500, 591]],
      ],
      'the window of 9 basis points is above 0.8 × 10 and keeps it open',
    );
  });

  it('clears on a tick once a whole window has passed without a quote', () => {
    const signals = new QuoteSignals('ETHUSDT', thresholdsFor('ETHUSDT'));
    const out: Signal[] = [];
    for (const moment of quoteMoments([quote(0, 100, 101)])) signals.onQuote(moment, out);
    signals.onTick(START + 59_999_999, out);
    assert.equal(out.length, 1);
    signals.onTick(START + 60_000_000, out);

    assert.equal(out[1]?.state, 'cleared');
  });

  it('does not judge a quote of a window before the newest one', () => {
    const found = signalsOf([quote(31, 100, 100.01), { id: 999, timeUs: START, bid: 100, ask: 105 }]);

    assert.deepEqual(found, []);
  });

  it('keeps figures finite where the smallest spread is zero', () => {
    const [signal] = signalsOf([quote(0, 100, 100), quote(1, 100, 100.01)]);

    assert.equal(signal?.kind, 'wide-spread');
    assert.equal(signal?.value, 1e9);
  });
});
