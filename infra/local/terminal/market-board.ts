import type { Row } from '../../../shared/row.ts';
import { TABLES } from '../../../shared/tables.ts';
import type { MarketSymbol, Micros, Millis } from '../../../shared/units.ts';
import { SECOND_US } from '../../../shared/units.ts';
import type { SymbolView } from './monitor-view.ts';

/** Seconds over which trades per second are counted. */
const RATE_S = 10;
/** A market this long without any trade is counted by the clock again, so that the rates fall to 0. */
const STALL_US = 5 * SECOND_US;
const CLOSES = 30;
const LATENCIES = 33;
const NS_PER_US = 1_000;

interface Minute {
  readonly timeNs: bigint;
  readonly vwap: number | null;
  readonly volume: number | null;
  readonly tradeCount: number | null;
  readonly coverage: string | null;
}

interface SymbolState {
  price: number | null;
  priceId: number;
  priceDecimals: number;
  direction: 'up' | 'down' | null;
  minute: Minute | null;
  bid: number | null;
  ask: number | null;
  quotedUs: Micros;
  readonly perSecond: Map<number, number>;
  readonly latenciesMs: Millis[];
  /** By the start of their window in seconds. */
  readonly closes: Map<number, number>;
}

/**
 * What the table shows, reduced from the rows on their way to the store. It is bounded: a few figures and some
 * dozens of recent values per symbol.
 */
export class MarketBoard {
  readonly #symbols = new Map<MarketSymbol, SymbolState>();
  #latestUs: Micros = 0;

  /** The symbols that are shown before their first row, in this order. */
  constructor(symbols: readonly MarketSymbol[] = []) {
    for (const symbol of symbols) this.#state(symbol);
  }

  /** The newest event time of any trade or quote. */
  get latestUs(): Micros {
    return this.#latestUs;
  }

  take(rows: readonly Row[]): void {
    for (const row of rows) {
      const symbol = dimension(row, 'symbol');
      if (symbol === undefined) continue;
      switch (row.table) {
        case TABLES.trades:
          this.#trade(this.#state(symbol), row);
          break;
        case TABLES.quotes:
          this.#quote(this.#state(symbol), row);
          break;
        case TABLES.candles:
          candle(this.#state(symbol), row);
          break;
        case TABLES.spreads:
          spread(this.#state(symbol), row);
          break;
        default:
      }
    }
  }

  /** The table's lines; `nowUs` is the feed's clock. */
  view(nowUs: Micros): readonly SymbolView[] {
    const rateEndUs = Math.max(this.#latestUs, nowUs - STALL_US);
    const firstSecond = Math.floor(rateEndUs / SECOND_US) - RATE_S;
    return [...this.#symbols].map(([symbol, state]) => {
      let trades = 0;
      for (const [second, count] of state.perSecond) {
        if (second < firstSecond) state.perSecond.delete(second);
        else if (second < firstSecond + RATE_S) trades += count;
      }
      const closes = [...state.closes].toSorted(([a], [b]) => a - b).map(([, close]) => close);
      return {
        symbol,
        price: state.price ?? closes.at(-1) ?? null,
        priceDecimals: state.priceDecimals,
        direction: state.direction,
        vwap: state.minute?.vwap ?? null,
        volume: state.minute?.volume ?? null,
        tradeCount: state.minute?.tradeCount ?? null,
        coverage: state.minute?.coverage ?? null,
        tradesPerSecond: trades / RATE_S,
        bid: state.bid,
        ask: state.ask,
        latencyMs: median(state.latenciesMs),
        closes,
      };
    });
  }

  #trade(state: SymbolState, row: Row): void {
    const id = number(row, 'trade_id') ?? 0;
    const timeUs = number(row, 'trade_time_us') ?? 0;
    const priceText = text(row, 'price');
    this.#latestUs = Math.max(this.#latestUs, timeUs);
    const second = Math.floor(timeUs / SECOND_US);
    if (timeUs > this.#latestUs - 2 * RATE_S * SECOND_US)
      state.perSecond.set(second, (state.perSecond.get(second) ?? 0) + 1);
    const latencyMs = number(row, 'latency_ms');
    if (latencyMs !== undefined && text(row, 'source') !== 'backfill') {
      state.latenciesMs.push(latencyMs);
      if (state.latenciesMs.length > LATENCIES) state.latenciesMs.shift();
    }
    if (priceText === undefined || id <= state.priceId) return;
    const price = Number(priceText);
    if (state.price !== null && price !== state.price) state.direction = price > state.price ? 'up' : 'down';
    state.price = price;
    state.priceId = id;
    state.priceDecimals = Math.max(state.priceDecimals, decimalsOf(priceText));
  }

  #quote(state: SymbolState, row: Row): void {
    const receivedUs = number(row, 'received_us') ?? 0;
    this.#latestUs = Math.max(this.#latestUs, receivedUs);
    if (receivedUs < state.quotedUs) return;
    state.quotedUs = receivedUs;
    setQuote(state, text(row, 'bid'), text(row, 'ask'));
  }

  #state(symbol: MarketSymbol): SymbolState {
    const known = this.#symbols.get(symbol);
    if (known !== undefined) return known;
    const state: SymbolState = {
      price: null,
      priceId: -1,
      priceDecimals: 0,
      direction: null,
      minute: null,
      bid: null,
      ask: null,
      quotedUs: 0,
      perSecond: new Map(),
      latenciesMs: [],
      closes: new Map(),
    };
    this.#symbols.set(symbol, state);
    return state;
  }
}

function candle(state: SymbolState, row: Row): void {
  const resolution = dimension(row, 'resolution');
  const timeNs = BigInt(row.timeNs);
  if (resolution === '1m' && (state.minute === null || timeNs >= state.minute.timeNs)) {
    state.minute = {
      timeNs,
      vwap: number(row, 'vwap') ?? null,
      volume: number(row, 'volume') ?? null,
      tradeCount: number(row, 'trade_count') ?? null,
      coverage: text(row, 'coverage') ?? null,
    };
  }
  const close = text(row, 'close');
  if (resolution !== '10s' || close === undefined) return;
  state.priceDecimals = Math.max(state.priceDecimals, decimalsOf(close));
  state.closes.set(Number(timeNs / 1_000_000_000n), Number(close));
  if (state.closes.size > CLOSES) state.closes.delete(Math.min(...state.closes.keys()));
}

/** A spread row tells the last quote too, for a run that keeps no quotes. */
function spread(state: SymbolState, row: Row): void {
  const timeUs = Number(BigInt(row.timeNs) / BigInt(NS_PER_US));
  if (timeUs < state.quotedUs) return;
  setQuote(state, text(row, 'last_bid'), text(row, 'last_ask'));
}

function setQuote(state: SymbolState, bid: string | undefined, ask: string | undefined): void {
  if (bid === undefined || ask === undefined) return;
  state.bid = Number(bid);
  state.ask = Number(ask);
  state.priceDecimals = Math.max(state.priceDecimals, decimalsOf(bid), decimalsOf(ask));
}

function dimension(row: Row, name: string): string | undefined {
  return row.dimensions.find(([key]) => key === name)?.[1];
}

function text(row: Row, name: string): string | undefined {
  return row.columns.find((column) => column.name === name)?.value;
}

function number(row: Row, name: string): number | undefined {
  const value = text(row, name);
  return value === undefined ? undefined : Number(value);
}

function decimalsOf(decimal: string): number {
  const point = decimal.indexOf('.');
  return point < 0 ? 0 : Math.min(8, decimal.length - point - 1);
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}
