import { BINANCE_LIMITS } from '../../infra/local/exchange/exchange-limits.ts';
import { answerRest, restWeight } from '../../infra/local/exchange/rest-answer.ts';
import { SimulatedSource } from '../../infra/local/exchange/simulated-source.ts';
import { simulatedFrames } from '../../infra/local/market/simulated-frames.ts';
import type { SimulatedMarket } from '../../infra/local/market/simulated-market.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Micros } from '../../shared/units.ts';

/** A frame that the exchange sends at a moment. */
export interface VirtualFrame {
  readonly stream: string;
  readonly atUs: Micros;
  /** The combined-stream frame. */
  readonly text: string;
}

/** An exchange on a virtual clock: what it sends, and what it answers. */
export interface VirtualMarket {
  /** The frames of (`afterUs`, `upToUs`], in order. */
  frames(afterUs: Micros, upToUs: Micros): readonly VirtualFrame[];
  /** Answers a GET request; `nowUs` is the exchange's time. */
  rest(url: URL, nowUs: Micros): { readonly status: number; readonly body: string };
}

/** The simulated market, whose klines come from its own matching. */
export function simulatedVirtualMarket(
  market: SimulatedMarket,
  streams: readonly string[],
  clock: Clock,
): VirtualMarket {
  const source = new SimulatedSource(market, clock);
  return {
    frames: (afterUs, upToUs) =>
      simulatedFrames(market, streams, afterUs, upToUs).map(({ stream, atUs, payload }) => ({
        stream,
        atUs,
        text: `{"stream":"${stream}","data":${payload('ms', 0)}}`,
      })),
    rest: (url, nowUs) =>
      answerRest(url.pathname, url.searchParams, { source, limits: BINANCE_LIMITS, nowUs, unit: 'ms' }),
  };
}

/** A trade as a recorded frame tells it. */
export interface RecordedTrade {
  readonly t: number;
  readonly p: string;
  readonly q: string;
  readonly T: number;
  readonly m: boolean;
}

/**
 * Recorded trade frames of one symbol served again: by the sockets at their receive times, by REST by id, and as
 * aggregates of trades in a row that share price, time and side.
 */
export function recordedVirtualMarket(symbol: string, frames: readonly VirtualFrame[]): VirtualMarket {
  const trades = frames.map((frame) => (JSON.parse(frame.text) as { readonly data: RecordedTrade }).data);
  const aggregates = aggregatesOf(trades);
  const firstId = trades[0]?.t ?? 0;
  let at = 0;
  return {
    frames: (afterUs, upToUs) => {
      // What was sent before somebody listened is had by REST alone.
      while ((frames[at]?.atUs ?? Number.POSITIVE_INFINITY) <= afterUs) at += 1;
      const from = at;
      while ((frames[at]?.atUs ?? Number.POSITIVE_INFINITY) <= upToUs) at += 1;
      return frames.slice(from, at);
    },
    rest: (url, nowUs) => {
      const number = (name: string): number => Number(url.searchParams.get(name) ?? Number.NaN);
      const limit = url.searchParams.has('limit') ? number('limit') : 500;
      switch (url.pathname) {
        case '/api/v3/time':
          return { status: 200, body: `{"serverTime":${Math.floor(nowUs / 1_000)}}` };
        case '/api/v3/exchangeInfo':
          return { status: 200, body: JSON.stringify({ symbols: [{ symbol, status: 'TRADING' }] }) };
        case '/api/v3/historicalTrades': {
          const from = Math.max(0, number('fromId') - firstId);
          const page = trades.slice(from, Math.min(from + limit, at));
          return { status: 200, body: `[${page.map(restTrade).join()}]` };
        }
        case '/api/v3/aggTrades': {
          const known = aggregates.filter(({ l }) => l - firstId < at);
          const page = url.searchParams.has('fromId')
            ? known.filter(({ a }) => a >= number('fromId'))
            : known.filter(({ T }) => T >= (number('startTime') || 0));
          return { status: 200, body: JSON.stringify(page.slice(0, limit)) };
        }
        default:
          return { status: 200, body: '[]' };
      }
    },
  };
}

function restTrade({ t, p, q, T, m }: RecordedTrade): string {
  return `{"id":${t},"price":"${p}","qty":"${q}","quoteQty":"0","time":${T},"isBuyerMaker":${m},"isBestMatch":true}`;
}

interface Aggregate {
  readonly a: number;
  readonly p: string;
  q: string;
  readonly f: number;
  l: number;
  readonly T: number;
  readonly m: boolean;
  readonly M: boolean;
}

function aggregatesOf(trades: readonly RecordedTrade[]): readonly Aggregate[] {
  const found: Aggregate[] = [];
  for (const { t, p, q, T, m } of trades) {
    const last = found.at(-1);
    if (last !== undefined && last.p === p && last.T === T && last.m === m) {
      last.l = t;
      last.q = ((Number(last.q) * 1e8 + Number(q) * 1e8) / 1e8).toFixed(8);
    } else found.push({ a: 1_000 + found.length, p, q, f: t, l: t, T, m, M: true });
  }
  return found;
}

/** The weight of a request. */
export function weightOf(url: URL): number {
  return restWeight(url.pathname) ?? 1;
}
