import { assert, CodedError } from '../../../shared/coded-error.ts';
import { type MarketSymbol, MINUTE_US, type Micros } from '../../../shared/units.ts';
import { foldKline } from './fold-kline.ts';
import { FIRST_MINUTE } from './market-count.ts';
import type { MarketAggTrade, MarketKline, MarketMinute, MarketTrade } from './market-events.ts';
import {
  aggTradesBefore,
  marketMinute,
  minuteOfAggTrade,
  minuteOfTrade,
  tradesBefore,
} from './market-minute.ts';
import { PricePath } from './market-price.ts';
import { hash32, textKey } from './noise.ts';
import { findProfile, SYMBOL_PROFILES, type SymbolProfile } from './symbol-profile.ts';

const CACHED_MINUTES = 256;
/** A page of a thousand trades of the quietest pair spans less. */
const MOST_MINUTES = 100_000;

/**
 * A market that is a pure function of seed and time: asked for any symbol, id or time it answers the same, in
 * any order and after any restart. Trade ids and aggregate trade ids begin at 1 in 2020 and are contiguous.
 */
export class SimulatedMarket {
  readonly profiles: readonly SymbolProfile[];
  readonly #seed: number;
  readonly #cache = new Map<string, MarketMinute>();

  /**
   * @param seed any whole number
   * @param symbols those that are traded; all that are known by default
   * @throws CodedError `MARKET_SYMBOL_UNKNOWN`
   */
  constructor(seed: number, symbols?: readonly MarketSymbol[]) {
    this.#seed = seed;
    this.profiles = symbols?.map(knownProfile) ?? SYMBOL_PROFILES;
  }

  /** The symbol's rules; undefined where this market does not trade it. */
  find(symbol: MarketSymbol): SymbolProfile | undefined {
    return this.profiles.find((profile) => profile.symbol === symbol);
  }

  /** The id of the last trade up to and including a time; 0 before the first. */
  lastTradeId(profile: SymbolProfile, atUs: Micros): number {
    const minute = Math.floor(atUs / MINUTE_US);
    const before = tradesBefore(profile, this.#key(profile), minute);
    return before + countUpTo(this.minute(profile, minute).trades, atUs);
  }

  /** The id of the last aggregate trade up to and including a time; 0 before the first. */
  lastAggTradeId(profile: SymbolProfile, atUs: Micros): number {
    const minute = Math.floor(atUs / MINUTE_US);
    const before = aggTradesBefore(profile, this.#key(profile), minute);
    return before + countUpTo(this.minute(profile, minute).aggTrades, atUs);
  }

  /** The trades with ids `fromId`..`toId`, both included. */
  trades(profile: SymbolProfile, fromId: number, toId: number): MarketTrade[] {
    const from = Math.max(1, fromId);
    if (toId < from) return [];
    const minute = minuteOfTrade(profile, this.#key(profile), from - 1);
    return this.#take(profile, minute, from, toId, (found) => found.trades);
  }

  /** The aggregate trades with ids `fromId`..`toId`, both included. */
  aggTrades(profile: SymbolProfile, fromId: number, toId: number): MarketAggTrade[] {
    const from = Math.max(1, fromId);
    if (toId < from) return [];
    const minute = minuteOfAggTrade(profile, this.#key(profile), from - 1);
    return this.#take(profile, minute, from, toId, (found) => found.aggTrades);
  }

  /**
   * What happened in a time span (`afterUs`, `upToUs`], in the order of ids.
   * @param kind which of a minute's events
   */
  between<Event extends { readonly timeUs: Micros }>(
    profile: SymbolProfile,
    afterUs: Micros,
    upToUs: Micros,
    kind: (minute: MarketMinute) => readonly Event[],
  ): Event[] {
    const found: Event[] = [];
    for (let minute = Math.floor(afterUs / MINUTE_US); minute * MINUTE_US <= upToUs; minute += 1) {
      append(found, kind(this.minute(profile, minute)), afterUs, upToUs);
    }
    return found;
  }

  /** The candle that opens at a time and lasts some minutes, as it stands at `atUs`: from the market's own matching. */
  kline(profile: SymbolProfile, openTimeUs: Micros, minutes: number, atUs: Micros): MarketKline {
    const endTimeUs = openTimeUs + minutes * MINUTE_US;
    const upToUs = Math.min(atUs, endTimeUs - 1);
    const trades = this.between(profile, openTimeUs - 1, upToUs, (minute) => minute.trades);
    return foldKline(trades, openTimeUs, endTimeUs, this.#closeBefore(profile, openTimeUs));
  }

  /** Everything of one minute, counted from 1970. */
  minute(profile: SymbolProfile, minute: number): MarketMinute {
    if (minute < FIRST_MINUTE) return { trades: [], aggTrades: [], quotes: [] };
    const name = `${profile.symbol}/${minute}`;
    const cached = this.#cache.get(name);
    if (cached !== undefined) {
      this.#cache.delete(name);
      this.#cache.set(name, cached);
      return cached;
    }
    const made = marketMinute(profile, this.#key(profile), minute);
    this.#cache.set(name, made);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > CACHED_MINUTES && oldest !== undefined) this.#cache.delete(oldest);
    return made;
  }

  #closeBefore(profile: SymbolProfile, atUs: Micros): number {
    const last = this.lastTradeId(profile, atUs - 1);
    const [trade] = this.trades(profile, last, last);
    return trade?.priceTicks ?? new PricePath(profile, this.#key(profile)).best(atUs).bidTicks;
  }

  #take<Event extends { readonly id: number }>(
    profile: SymbolProfile,
    minute: number,
    fromId: number,
    toId: number,
    kind: (minute: MarketMinute) => readonly Event[],
  ): Event[] {
    const taken: Event[] = [];
    for (let at = minute; taken.length < toId - fromId + 1; at += 1) {
      assert(
        at - minute < MOST_MINUTES,
        `${profile.symbol} has no ids ${fromId} to ${toId} near minute ${minute}`,
      );
      for (const event of kind(this.minute(profile, at))) {
        if (event.id >= fromId && event.id <= toId) taken.push(event);
      }
    }
    return taken;
  }

  #key(profile: SymbolProfile): number {
    return hash32(this.#seed, textKey(profile.symbol));
  }
}

function knownProfile(symbol: MarketSymbol): SymbolProfile {
  const profile = findProfile(symbol.toUpperCase());
  if (profile !== undefined) return profile;
  const known = SYMBOL_PROFILES.map((other) => other.symbol).join(', ');
  throw new CodedError(
    'MARKET_SYMBOL_UNKNOWN',
    `The simulated market does not trade ${symbol}. It trades ${known}.`,
    {
      data: { symbol },
    },
  );
}

/** How many of the events, which are in the order of time, are not after a time. */
function countUpTo(events: readonly { readonly timeUs: Micros }[], atUs: Micros): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.timeUs ?? 0) <= atUs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function append<Event extends { readonly timeUs: Micros }>(
  to: Event[],
  events: readonly Event[],
  afterUs: Micros,
  upToUs: Micros,
): void {
  const end = countUpTo(events, upToUs);
  for (let index = countUpTo(events, afterUs); index < end; index += 1) {
    const event = events[index];
    if (event !== undefined) to.push(event);
  }
}
