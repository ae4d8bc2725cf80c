import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A trade as the recording has it, its figures as numbers. */
export interface RecordedTrade {
  readonly id: number;
  readonly price: number;
  readonly quantity: number;
  readonly timeMs: number;
  readonly isBuyerMaker: boolean;
  readonly latencyMs: number;
}

/** A quote as the recording has it. */
export interface RecordedQuote {
  readonly receivedMs: number;
  readonly bid: number;
  readonly ask: number;
}

/** Trades and quotes of a symbol, read from the recorded lines alone: nothing of the pipeline takes part. */
export function recordedMarket(
  folder: string,
  symbol: string,
): { readonly trades: readonly RecordedTrade[]; readonly quotes: readonly RecordedQuote[] } {
  const file = join(folder, 'binance-spot-2024-08-08', `${symbol.toLowerCase()}_20240808.gz`);
  const trades: RecordedTrade[] = [];
  const quotes: RecordedQuote[] = [];
  for (const line of gunzipSync(readFileSync(file)).toString('utf8').split('\n')) {
    const receivedMs = Number(line.slice(0, 19)) / 1e6;
    if (line.includes('@trade"')) {
      const { data } = JSON.parse(line.slice(20));
      trades.push({
        id: data.t,
        price: Number(data.p),
        quantity: Number(data.q),
        timeMs: data.T,
        isBuyerMaker: data.m,
        latencyMs: receivedMs - data.E,
      });
    } else if (line.includes('@bookTicker"')) {
      const { data } = JSON.parse(line.slice(20));
      quotes.push({ receivedMs, bid: Number(data.b), ask: Number(data.a) });
    }
  }
  return { trades: trades.sort((a, b) => a.id - b.id), quotes };
}

/** Sum of some figures. */
export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Mean and sample deviation. */
export function spreadOf(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = sum(values) / values.length;
  const squares = sum(values.map((value) => (value - mean) ** 2));
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** The spread of a quote in basis points of its mid. */
export function bps({ bid, ask }: RecordedQuote): number {
  return ((ask - bid) / ((ask + bid) / 2)) * 1e4;
}
