import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { recordings } from '../../recordings.ts';
import type { PlainQuote, PlainTrade } from './moments.ts';

/** The trades and quotes of one day's file, read with JSON.parse alone. */
export function recorded(symbol: string): { readonly trades: PlainTrade[]; readonly quotes: PlainQuote[] } {
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

/** `[state, openedBy]` of every volatility episode: opens at the first trade whose minute so far deviates by more than 2, clears after a minute at or below 1.6. */
export function volatilityEpisodes(
  trades: readonly PlainTrade[],
): readonly (readonly [state: string, openedBy: number])[] {
  const minutes = Map.groupBy(trades, (trade) => Math.floor(trade.timeUs / 60_000_000));
  const found: [string, number][] = [];
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

/** The windows in which an episode of wide spreads opens: the first of each run of wide windows. */
export function wideSpreadOpenings(quotes: readonly PlainQuote[]): readonly number[] {
  const wide = wideWindows(quotes);
  return wide.filter((start) => !wide.includes(start - 30_000_000));
}
