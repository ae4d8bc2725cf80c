import type { Clock } from '../../../shared/clock.ts';
import { type MarketSymbol, MINUTE_US, type Micros } from '../../../shared/units.ts';
import { restAggTrade, restKline, restTrade, type TimeUnit } from '../market/binance-json.ts';
import type { MarketAggTrade, MarketTrade } from '../market/market-events.ts';
import { simulatedFrames } from '../market/simulated-frames.ts';
import type { SimulatedMarket } from '../market/simulated-market.ts';
import type { SymbolProfile } from '../market/symbol-profile.ts';
import type { KlineRange, MarketListener, MarketSource, Playing, TradeRange } from './market-source.ts';

const STEP_MS = 20;
const KLINE_LENGTHS = [1, 3, 5, 15, 30, 60];

/** Serves the simulated market on a clock: what passed while nobody listened is had by REST. */
export class SimulatedSource implements MarketSource {
  readonly symbols: readonly SymbolProfile[];
  readonly #market: SimulatedMarket;
  readonly #clock: Clock;

  constructor(market: SimulatedMarket, clock: Clock) {
    this.#market = market;
    this.#clock = clock;
    this.symbols = market.profiles;
  }

  nowUs(): Micros {
    return this.#clock.nowUs();
  }

  play(listener: MarketListener): Playing {
    let playedUs = this.nowUs();
    let stopped = false;
    const step = (): void => {
      if (stopped) return;
      const nowUs = this.nowUs();
      if (nowUs > playedUs) {
        const frames = simulatedFrames(this.#market, listener.subscribed(), playedUs, nowUs);
        playedUs = nowUs;
        // A live market waits for nobody: a client that cannot keep up is the exchange's to drop.
        listener.deliver(frames);
      }
      timer = this.#clock.after(STEP_MS, step);
    };
    let timer = this.#clock.after(STEP_MS, step);
    const stop = (): void => {
      stopped = true;
      timer.cancel();
    };
    return { stop, finished: new Promise(() => {}) };
  }

  trades(symbol: MarketSymbol, range: TradeRange, unit: TimeUnit): readonly string[] {
    const profile = this.#market.find(symbol);
    if (profile === undefined) return [];
    const lastId = (atUs: Micros): number => this.#market.lastTradeId(profile, atUs);
    const found = this.#range(range, lastId, (from, to): MarketTrade[] =>
      this.#market.trades(profile, from, to),
    );
    return found.map((trade) => restTrade(profile, trade, unit));
  }

  aggTrades(symbol: MarketSymbol, range: TradeRange, unit: TimeUnit): readonly string[] {
    const profile = this.#market.find(symbol);
    if (profile === undefined) return [];
    const lastId = (atUs: Micros): number => this.#market.lastAggTradeId(profile, atUs);
    const found = this.#range(range, lastId, (from, to): MarketAggTrade[] =>
      this.#market.aggTrades(profile, from, to),
    );
    return found.map((trade) => restAggTrade(profile, trade, unit));
  }

  klines(symbol: MarketSymbol, range: KlineRange, unit: TimeUnit): readonly string[] | undefined {
    const profile = this.#market.find(symbol);
    if (profile === undefined || !KLINE_LENGTHS.includes(range.minutes)) return undefined;
    const lengthUs = range.minutes * MINUTE_US;
    const nowUs = this.nowUs();
    const lastOpenUs = Math.floor(Math.min(range.endUs ?? nowUs, nowUs) / lengthUs) * lengthUs;
    const firstOpenUs =
      range.startUs === undefined
        ? lastOpenUs - (range.limit - 1) * lengthUs
        : Math.ceil(range.startUs / lengthUs) * lengthUs;
    const texts: string[] = [];
    for (let openUs = firstOpenUs; openUs <= lastOpenUs && texts.length < range.limit; openUs += lengthUs) {
      texts.push(restKline(profile, this.#market.kline(profile, openUs, range.minutes, nowUs), unit));
    }
    return texts;
  }

  #range<Trade>(
    range: TradeRange,
    lastId: (atUs: Micros) => number,
    take: (fromId: number, toId: number) => Trade[],
  ): Trade[] {
    const nowUs = this.nowUs();
    const last = lastId(nowUs);
    switch (range.kind) {
      case 'newest':
        return take(last - range.limit + 1, last);
      case 'from-id':
        return take(range.fromId, Math.min(last, Math.max(1, range.fromId) + range.limit - 1));
      case 'between': {
        const to = range.endUs === undefined ? last : lastId(Math.min(range.endUs, nowUs));
        if (range.startUs === undefined) return take(to - range.limit + 1, to);
        const from = lastId(range.startUs - 1) + 1;
        return take(from, Math.min(to, from + range.limit - 1));
      }
    }
  }
}
