import { MINUTE_US, type Micros, SECOND_US } from '../../../shared/units.ts';
import { countBefore, FIRST_MINUTE, minuteOf } from './market-count.ts';
import type { MarketAggTrade, MarketMinute, MarketQuote, MarketTrade } from './market-events.ts';
import { PricePath } from './market-price.ts';
import { hash32, unit } from './noise.ts';
import type { SymbolProfile } from './symbol-profile.ts';

const SECONDS = 60;
const UPDATE_IDS_A_MINUTE = 100_000;

/** Aggregate trades before a minute. */
export function aggTradesBefore(profile: SymbolProfile, key: number, minute: number): number {
  return countBefore(minute, profile.aggTradesPer1000Minutes, key, 20);
}

/** Trades before a minute: each aggregate trade has one fill, some have more. */
export function tradesBefore(profile: SymbolProfile, key: number, minute: number): number {
  return aggTradesBefore(profile, key, minute) + moreFillsBefore(profile, key, minute);
}

function moreFillsBefore(profile: SymbolProfile, key: number, minute: number): number {
  // Fills need an aggregate trade: those that are due in a minute without one wait for the next that has one.
  let at = minute;
  while (at > FIRST_MINUTE && aggTradesBefore(profile, key, at) === aggTradesBefore(profile, key, at - 1))
    at -= 1;
  return countBefore(at, profile.moreFillsPer1000Minutes, key, 21);
}

/** The minute of the aggregate trade with this index, from 0. */
export function minuteOfAggTrade(profile: SymbolProfile, key: number, index: number): number {
  const per1000Minutes = profile.aggTradesPer1000Minutes;
  return minuteOf(index, per1000Minutes, slackMinutes(profile), (minute) =>
    aggTradesBefore(profile, key, minute),
  );
}

/** The minute of the trade with this index, from 0. */
export function minuteOfTrade(profile: SymbolProfile, key: number, index: number): number {
  const per1000Minutes = profile.aggTradesPer1000Minutes + profile.moreFillsPer1000Minutes;
  return minuteOf(index, per1000Minutes, slackMinutes(profile), (minute) =>
    tradesBefore(profile, key, minute),
  );
}

function slackMinutes(profile: SymbolProfile): number {
  return 16 + Math.ceil(4_000 / profile.aggTradesPer1000Minutes);
}

/** One taker order: a time, a side, and how many of the minute's aggregate trades it makes. */
interface TakerOrder {
  readonly timeUs: Micros;
  readonly isBuyerMaker: boolean;
  readonly levels: number;
}

/**
 * What happens to a symbol in a minute (counted from 1970), whatever was asked before.
 * @param key seed and symbol as one number
 */
export function marketMinute(profile: SymbolProfile, key: number, minute: number): MarketMinute {
  const firstAgg = aggTradesBefore(profile, key, minute);
  const firstTrade = tradesBefore(profile, key, minute);
  const aggCount = aggTradesBefore(profile, key, minute + 1) - firstAgg;
  const moreFills = tradesBefore(profile, key, minute + 1) - firstTrade - aggCount;
  const orders = takerOrders(key, minute, aggCount);
  const fills = fillCounts(key, minute, aggCount, moreFills);

  const path = new PricePath(profile, key);
  const trades: MarketTrade[] = [];
  const aggTrades: MarketAggTrade[] = [];
  for (const order of orders) {
    const { bidTicks, askTicks } = path.best(order.timeUs);
    for (let level = 0; level < order.levels; level += 1) {
      const index = aggTrades.length;
      const id = firstAgg + index + 1;
      const away = level === 0 ? 0 : level + (hash32(key, 30, id) % 3);
      const priceTicks = Math.max(1, order.isBuyerMaker ? bidTicks - away : askTicks + away);
      const { timeUs, isBuyerMaker } = order;
      const first = firstTrade + trades.length + 1;
      let sum = 0;
      for (let fill = 0; fill < (fills[index] ?? 1); fill += 1) {
        const tradeId = first + fill;
        const quantityLots = quantity(profile, key, tradeId, priceTicks);
        sum += quantityLots;
        trades.push({ id: tradeId, priceTicks, quantityLots, timeUs, isBuyerMaker });
      }
      const lastId = firstTrade + trades.length;
      aggTrades.push({ id, priceTicks, quantityLots: sum, timeUs, isBuyerMaker, firstId: first, lastId });
    }
  }
  let made: readonly MarketQuote[] | undefined;
  return {
    trades,
    aggTrades,
    // Half of the work, and candles do not need it.
    get quotes() {
      made ??= makeQuotes(profile, key, minute, orders);
      return made;
    },
  };
}

/** Spreads the aggregate trades over the minute: some seconds burst, many are idle. */
function takerOrders(key: number, minute: number, aggCount: number): TakerOrder[] {
  const shares: number[] = [];
  let total = 0;
  for (let second = 0; second < SECONDS; second += 1) {
    const draw = unit(key, 22, minute, second);
    total += 0.05 + draw * draw * draw * draw * 4;
    shares.push(total);
  }
  const orders: TakerOrder[] = [];
  let placed = 0;
  for (const [second, share] of shares.entries()) {
    const upTo = second === SECONDS - 1 ? aggCount : Math.floor((aggCount * share) / total);
    const beginUs = minute * MINUTE_US + second * SECOND_US;
    orders.push(...secondOrders(key, beginUs, minute * UPDATE_IDS_A_MINUTE + placed, upTo - placed));
    placed = upTo;
  }
  return orders;
}

function secondOrders(key: number, beginUs: Micros, firstKey: number, aggCount: number): TakerOrder[] {
  const sizes: number[] = [];
  for (let index = 0; index < aggCount; index += 1) {
    const goesOn = index > 0 && hash32(key, 23, firstKey + index) % 4 === 0;
    if (goesOn) sizes[sizes.length - 1] = (sizes.at(-1) ?? 0) + 1;
    else sizes.push(1);
  }
  const buying = unit(key, 24, Math.floor(beginUs / (20 * SECOND_US)));
  return sizes.map((levels, index) => {
    const place = (index + unit(key, 25, firstKey, index)) / sizes.length;
    return {
      timeUs: beginUs + Math.floor(place * place * SECOND_US),
      isBuyerMaker: unit(key, 26, firstKey, index) > 0.25 + buying / 2,
      levels,
    };
  });
}

/** The fills of each aggregate trade: one, and the minute's further fills in a few clusters. */
function fillCounts(key: number, minute: number, aggCount: number, moreFills: number): number[] {
  const counts = new Array<number>(aggCount).fill(1);
  let left = moreFills;
  for (let draw = 0; left > 0 && aggCount > 0; draw += 1) {
    const at = hash32(key, 27, minute, draw) % aggCount;
    const cluster = Math.min(left, 1 + Math.floor(2 / (0.02 + unit(key, 28, minute, draw))));
    counts[at] = (counts[at] ?? 1) + cluster;
    left -= cluster;
  }
  return counts;
}

/** A quantity in lots: most are small, one in some thousands is a whale's. */
function quantity(profile: SymbolProfile, key: number, tradeId: number, priceTicks: number): number {
  const draw = unit(key, 29, tradeId);
  const whale = hash32(key, 31, tradeId) % 4_000 === 0 ? 200 + 1_800 * unit(key, 32, tradeId) : 1;
  const value = ((profile.usualValue * 0.35) / (0.03 + draw)) * whale;
  const lots = (value * powerOfTen(profile.priceDecimals + profile.quantityDecimals)) / priceTicks;
  return Math.max(1, Math.floor(lots));
}

function powerOfTen(exponent: number): number {
  let power = 1;
  for (let times = 0; times < exponent; times += 1) power *= 10;
  return power;
}

/** A quote after each order, and those of makers who move between them. */
function makeQuotes(
  profile: SymbolProfile,
  key: number,
  minute: number,
  orders: readonly TakerOrder[],
): MarketQuote[] {
  const timesUs = orders.map((order) => order.timeUs);
  const stepUs = Math.floor(SECOND_US / profile.quotesPerSecond);
  for (let atUs = minute * MINUTE_US; atUs < (minute + 1) * MINUTE_US; atUs += stepUs) {
    if (hash32(key, 40, atUs) % 3 === 0) continue;
    timesUs.push(Math.min((minute + 1) * MINUTE_US - 1, atUs + (hash32(key, 41, atUs) % stepUs)));
  }
  timesUs.sort((a, b) => a - b);
  const path = new PricePath(profile, key);
  return timesUs.map((timeUs, index) => {
    const prices = path.best(timeUs);
    const updateId =
      minute * UPDATE_IDS_A_MINUTE + Math.floor(((index + 1) * UPDATE_IDS_A_MINUTE) / (timesUs.length + 1));
    return {
      ...prices,
      updateId,
      timeUs,
      bidLots: 4 * quantity(profile, key, updateId, prices.bidTicks),
      askLots: 4 * quantity(profile, key, updateId + 1, prices.askTicks),
    };
  });
}
