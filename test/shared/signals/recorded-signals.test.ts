import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Signal } from '../../../shared/events/signal.ts';
import { QuoteSignals } from '../../../shared/signals/quote-signals.ts';
import { thresholdsFor } from '../../../shared/signals/thresholds.ts';
import { TradeSignals } from '../../../shared/signals/trade-signals.ts';
import { recordings, skipWithoutRecordings } from '../../recordings.ts';
import { type PlainQuote, type PlainTrade, quoteMoments, tradeMoments } from './moments.ts';

/** The trades and quotes of one day's file, read with JSON.parse alone. */
function recorded(symbol: string): { readonly trades: PlainTrade[]; readonly quotes: PlainQuote[] } {
  const file = join(recordings ?? '', 'binance-spot-2024-08-08', `${symbol}_20240808.gz`);
  const trades: PlainTrade[] = [];
  const quotes: PlainQuote[] = [];
  for (const line of gunzipSync(readFileSync(file)).toString().split('\n')) {
    const space = line.indexOf(' ');
    if (space < 0) continue;
    const { stream, data } = JSON.parse(line.slice(space + 1));
    if (stream === `${symbol}@trade`) {
      trades.push({
        id: data.t,
        timeUs: data.T * 1000,
        price: Number(data.p),
        quantity: Number(data.q),
        isBuyerMaker: data.m,
      });
    } else if (stream === `${symbol}@bookTicker`) {
      const timeUs = Math.floor(Number(line.slice(0, space)) / 1000);
      quotes.push({ id: data.u, timeUs, bid: Number(data.b), ask: Number(data.a) });
    }
  }
  return { trades, quotes };
}

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
      const wide = wideWindows(quotes);
      assert.ok(wide.length > 0);
      assert.deepEqual(
        opened.map((signal) => signal.evidence.window?.startUs),
        wide.filter((start, index) => index === 0 || !wide.includes(start - 30_000_000)),
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

/** Opens at the first trade whose minute so far deviates by more than 2, clears after a minute at or below 1.6. */
function volatilityEpisodes(trades: readonly PlainTrade[]): unknown[] {
  const minutes = Map.groupBy(trades, (trade) => Math.floor(trade.timeUs / 60_000_000));
  const found: unknown[] = [];
  let openedBy = -1;
  let before = { minute: -1, stddev: 0 };
  for (const [minute, list] of minutes) {
    const first = list[0]?.id;
    if (openedBy >= 0 && (before.minute + 1 < minute || before.stddev <= 1.6)) {
      found.push(['cleared', openedBy]);
      openedBy = -1;
      assert.ok(first !== undefined);
    }
    for (let count = 2; count <= list.length && openedBy < 0; count += 1) {
      if (deviation(list.slice(0, count)) > 2) {
        openedBy = list[count - 1]?.id ?? -1;
        found.push(['open', openedBy]);
      }
    }
    before = { minute, stddev: list.length < 2 ? 0 : deviation(list) };
  }
  return found;
}

function deviation(trades: readonly PlainTrade[]): number {
  const mean = trades.reduce((sum, trade) => sum + trade.price, 0) / trades.length;
  return Math.sqrt(trades.reduce((sum, trade) => sum + (trade.price - mean) ** 2, 0) / (trades.length - 1));
}

function wideWindows(quotes: readonly PlainQuote[]): number[] {
  const cents = (value: number): number => Math.round(value * 100);
  const windows = Map.groupBy(quotes, (quote) => quote.timeUs - (quote.timeUs % 30_000_000));
  return [...windows].flatMap(([start, list]) => {
    const spreads = list.map((quote) => cents(quote.ask) - cents(quote.bid));
    return Math.max(...spreads.values()) > 3 * Math.min(...spreads.values()) ? [start] : [];
  });
}
