import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Signal } from '../../../shared/events/signal.ts';
import { QuoteSignals } from '../../../shared/signals/quote-signals.ts';
import { thresholdsFor } from '../../../shared/signals/thresholds.ts';
import { TradeSignals } from '../../../shared/signals/trade-signals.ts';
import { skipWithoutRecordings } from '../../recordings.ts';
import { quoteMoments, tradeMoments } from './moments.ts';
import { recorded, volatilityEpisodes, wideSpreadOpenings } from './recorded-market.ts';

type Step = ReturnType<typeof tradeMoments> extends Generator<infer T> ? T : never;

function judgeTrades(symbol: string, steps: readonly Step[], batchSize: number): Signal[] {
  const thresholds = thresholdsFor(symbol);
  const out: Signal[] = [];
  let signals = new TradeSignals(symbol, thresholds);
  let count = 0;
  for (const { moment, closed } of steps) {
    if (closed !== undefined) signals.onPaneClosed(closed.startUs, closed.volume);
    signals.onTrade(moment, out);
    count += 1;
    if (count % batchSize === 0) {
      const stored = JSON.stringify(signals.toState());
      assert.ok(stored.length < 600, stored);
      signals = new TradeSignals(symbol, thresholds);
      signals.fromState(JSON.parse(stored));
    }
  }
  return out;
}

describe('the signals of the recording of 2024-08-08', { skip: skipWithoutRecordings }, () => {
  for (const symbol of ['btcusdt', 'ethusdt']) {
    it(`equal an independent computation from the raw frames of ${symbol}`, () => {
      const name = symbol.toUpperCase();
      const { trades } = recorded(symbol);
      const steps = [...tradeMoments(trades)];
      const signals = judgeTrades(name, steps, 100_000);

      const whales = trades
        .filter((trade) => trade.price * trade.quantity >= 100_000)
        .map((trade) => trade.id);
      assert.deepEqual(
        signals.filter((signal) => signal.kind === 'whale').map((signal) => signal.openedBy),
        whales,
      );
      assert.deepEqual(
        signals
          .filter((signal) => signal.kind === 'volatility')
          .map(({ state, openedBy }) => [state, openedBy]),
        volatilityEpisodes(trades),
      );
      if (symbol === 'btcusdt') assert.ok(signals.some((signal) => signal.kind === 'volatility'));
      for (const batchSize of [1, 7, 500]) assert.deepEqual(judgeTrades(name, steps, batchSize), signals);
    });

    it(`find every wide spread of ${symbol}`, () => {
      const { quotes } = recorded(symbol);
      const name = symbol.toUpperCase();
      const signals = new QuoteSignals(name, thresholdsFor(name));
      const out: Signal[] = [];
      for (const moment of quoteMoments(quotes)) signals.onQuote(moment, out);

      const opened = out.filter((signal) => signal.kind === 'wide-spread' && signal.state === 'open');
      const wide = wideSpreadOpenings(quotes);
      assert.ok(wide.length > 0);
      assert.deepEqual(
        opened.map((signal) => signal.evidence.window?.startUs),
        wide,
        'an episode opens with the first of a run of wide windows',
      );
    });
  }

  it('hold the two whales that the data is known for', () => {
    const signals = judgeTrades('ETHUSDT', [...tradeMoments(recorded('ethusdt').trades)], 100);
    const whales = signals.filter((signal) => signal.kind === 'whale');

    assert.deepEqual(
      whales.map(({ openedBy, severity }) => [openedBy, severity]),
      [
        [1_520_543_226, 'info'],
        [1_520_544_754, 'info'],
      ],
    );
  });
});
