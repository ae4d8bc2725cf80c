import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FIRST_MINUTE } from '../../../../infra/local/market/market-count.ts';
import type { MarketAggTrade, MarketTrade } from '../../../../infra/local/market/market-events.ts';
import { aggTradesBefore, tradesBefore } from '../../../../infra/local/market/market-minute.ts';
import { SimulatedMarket } from '../../../../infra/local/market/simulated-market.ts';
import { SYMBOL_PROFILES, type SymbolProfile } from '../../../../infra/local/market/symbol-profile.ts';

const NOON_US = Date.UTC(2026, 10, 21, 12) * 1000;
const MINUTE_US = 60_000_000;

function profileOf(market: SimulatedMarket, symbol: string): SymbolProfile {
  const profile = market.find(symbol);
  assert.ok(profile);
  return profile;
}

function tradesBetween(
  market: SimulatedMarket,
  profile: SymbolProfile,
  fromUs: number,
  toUs: number,
): MarketTrade[] {
  return market.between(profile, fromUs - 1, toUs - 1, (minute) => minute.trades);
}

describe('the simulated market', () => {
  it('answers the same whatever was asked before, in any instance', () => {
    const symbols = SYMBOL_PROFILES.map((profile) => profile.symbol);
    const fresh = new SimulatedMarket(42);
    fc.assert(
      fc.property(
        fc.constantFrom(...symbols),
        fc.integer({ min: FIRST_MINUTE, max: FIRST_MINUTE + 5_000_000 }),
        fc.array(fc.integer({ min: FIRST_MINUTE, max: FIRST_MINUTE + 5_000_000 }), { maxLength: 3 }),
        (symbol, minute, before) => {
          const used = new SimulatedMarket(42);
          const profile = profileOf(used, symbol);
          for (const other of before) used.minute(profile, other);
          const { trades, aggTrades, quotes } = used.minute(profile, minute);
          const again = fresh.minute(profile, minute);
          assert.deepEqual({ trades, aggTrades, quotes }, { ...again });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is another market for another seed', () => {
    const [one, two] = [new SimulatedMarket(1), new SimulatedMarket(2)];
    const at = NOON_US / MINUTE_US;
    assert.notDeepEqual(
      one.minute(profileOf(one, 'BTCUSDT'), at).trades,
      two.minute(profileOf(two, 'BTCUSDT'), at).trades,
    );
  });

  it('gives contiguous ids in the order of time, over minutes and for every symbol', () => {
    const market = new SimulatedMarket(3);
    for (const profile of market.profiles) {
      const minutes = profile.aggTradesPer1000Minutes < 100_000 ? 40 : 12;
      const fromUs = NOON_US - 17 * MINUTE_US;
      let lastId = market.lastTradeId(profile, fromUs - 1);
      let lastAgg = market.lastAggTradeId(profile, fromUs - 1);
      let lastUs = fromUs;
      let lastUpdate = 0;
      for (let minute = fromUs / MINUTE_US; minute < fromUs / MINUTE_US + minutes; minute += 1) {
        const { trades, aggTrades, quotes } = market.minute(profile, minute);
        for (const trade of trades) {
          assert.equal(trade.id, lastId + 1);
          assert.ok(trade.timeUs >= lastUs && trade.timeUs < (minute + 1) * MINUTE_US);
          assert.ok(trade.priceTicks > 0 && trade.quantityLots > 0);
          lastId = trade.id;
          lastUs = trade.timeUs;
        }
        for (const aggTrade of aggTrades) {
          assert.equal(aggTrade.id, lastAgg + 1);
          lastAgg = aggTrade.id;
        }
        for (const quote of quotes) {
          assert.ok(quote.updateId > lastUpdate);
          assert.ok(
            quote.bidTicks < quote.askTicks && quote.bidTicks > 0 && quote.bidLots > 0 && quote.askLots > 0,
          );
          lastUpdate = quote.updateId;
        }
        assert.equal(market.lastTradeId(profile, (minute + 1) * MINUTE_US - 1), lastId);
        assert.equal(market.lastAggTradeId(profile, (minute + 1) * MINUTE_US - 1), lastAgg);
      }
    }
  });

  it('has aggregate trades whose first and last ids tile the trades, with their price and their quantities summed', () => {
    const market = new SimulatedMarket(4);
    for (const profile of market.profiles) {
      for (let minute = NOON_US / MINUTE_US; minute < NOON_US / MINUTE_US + 8; minute += 1) {
        const { trades, aggTrades } = market.minute(profile, minute);
        const tiled: MarketTrade[] = [];
        for (const aggTrade of aggTrades) {
          const fills = trades.filter(({ id }) => id >= aggTrade.firstId && id <= aggTrade.lastId);
          assert.equal(fills.length, aggTrade.lastId - aggTrade.firstId + 1);
          assert.equal(
            fills.reduce((sum, fill) => sum + fill.quantityLots, 0),
            aggTrade.quantityLots,
          );
          for (const fill of fills) {
            assert.equal(fill.priceTicks, aggTrade.priceTicks);
            assert.equal(fill.timeUs, aggTrade.timeUs);
            assert.equal(fill.isBuyerMaker, aggTrade.isBuyerMaker);
          }
          tiled.push(...fills);
        }
        assert.deepEqual(tiled, trades);
      }
    }
  });

  it('finds any trade again by its id, from the first on', () => {
    const market = new SimulatedMarket(5);
    fc.assert(
      fc.property(
        fc.constantFrom(...market.profiles),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 300 }),
        (profile, share, count) => {
          const last = market.lastTradeId(profile, NOON_US);
          const from = 1 + Math.floor(share * Math.max(0, last - count));
          const found = market.trades(profile, from, from + count - 1);
          assert.deepEqual(
            found.map(({ id }) => id),
            Array.from({ length: count }, (_, index) => from + index),
          );
          const lastAgg = market.lastAggTradeId(profile, NOON_US);
          const fromAgg = 1 + Math.floor(share * Math.max(0, lastAgg - count));
          const aggs: MarketAggTrade[] = market.aggTrades(profile, fromAgg, fromAgg + count - 1);
          assert.deepEqual(
            aggs.map(({ id }) => id),
            Array.from({ length: count }, (_, index) => fromAgg + index),
          );
          const [first] = found;
          assert.ok(first && market.lastTradeId(profile, first.timeUs) >= from);
          assert.ok(first && market.lastTradeId(profile, first.timeUs - 1) < from);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('never counts backwards from one minute to the next, however quiet the symbol', () => {
    for (const profile of SYMBOL_PROFILES) {
      let trades = 0;
      let aggTrades = 0;
      for (let minute = FIRST_MINUTE - 2; minute < FIRST_MINUTE + 1_500; minute += 1) {
        const nextTrades = tradesBefore(profile, 6, minute);
        const nextAggTrades = aggTradesBefore(profile, 6, minute);
        assert.ok(
          nextAggTrades >= aggTrades && nextTrades - trades >= nextAggTrades - aggTrades,
          profile.symbol,
        );
        trades = nextTrades;
        aggTrades = nextAggTrades;
      }
      assert.ok(trades > 0 || profile.aggTradesPer1000Minutes < 1_000);
    }
  });

  it('has candles that are exactly the fold of its trades, with the last price where there was none', () => {
    const market = new SimulatedMarket(8);
    for (const symbol of ['BTCUSDT', 'DOGEUSDT', 'XMRBTC', 'BLZETH']) {
      const profile = profileOf(market, symbol);
      for (let openUs = NOON_US; openUs < NOON_US + 12 * MINUTE_US; openUs += MINUTE_US) {
        const kline = market.kline(profile, openUs, 1, openUs + MINUTE_US);
        const trades = tradesBetween(market, profile, openUs, openUs + MINUTE_US);
        const sum = (of: readonly MarketTrade[], value: (trade: MarketTrade) => bigint): bigint =>
          of.reduce((total, trade) => total + value(trade), 0n);
        const lots = (trade: MarketTrade): bigint => BigInt(trade.quantityLots);
        const value = (trade: MarketTrade): bigint => BigInt(trade.priceTicks) * BigInt(trade.quantityLots);
        const bought = trades.filter((trade) => !trade.isBuyerMaker);
        const prices = trades.map((trade) => trade.priceTicks);
        const lastId = market.lastTradeId(profile, openUs - 1);
        const before = market.trades(profile, lastId, lastId)[0]?.priceTicks ?? 0;
        assert.deepEqual(kline, {
          openTimeUs: openUs,
          endTimeUs: openUs + MINUTE_US,
          openTicks: prices[0] ?? before,
          highTicks: prices.length === 0 ? before : Math.max(...prices),
          lowTicks: prices.length === 0 ? before : Math.min(...prices),
          closeTicks: prices.at(-1) ?? before,
          lots: sum(trades, lots),
          value: sum(trades, value),
          takerBuyLots: sum(bought, lots),
          takerBuyValue: sum(bought, value),
          tradeCount: trades.length,
          firstId: trades[0]?.id ?? -1,
          lastId: trades.at(-1)?.id ?? -1,
        });
      }
    }
  });

  it('looks like a market: shared milliseconds, bursts, whales, quiet pairs, both sides, prices near the quotes', () => {
    const market = new SimulatedMarket(9);
    const bitcoin = profileOf(market, 'BTCUSDT');
    const trades = tradesBetween(market, bitcoin, NOON_US, NOON_US + 30 * MINUTE_US);
    const perMillisecond = new Map<number, number>();
    const perSecond = new Map<number, number>();
    for (const { timeUs } of trades) {
      const ms = Math.floor(timeUs / 1000);
      perMillisecond.set(ms, (perMillisecond.get(ms) ?? 0) + 1);
      const second = Math.floor(ms / 1000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    assert.ok(perMillisecond.size < trades.length * 0.7);
    assert.ok(Math.max(...perMillisecond.values()) >= 20);
    assert.ok(Math.max(...perSecond.values()) > (5 * trades.length) / 1_800);
    const values = trades.map((trade) => (trade.priceTicks * trade.quantityLots) / 1e7).sort((a, b) => a - b);
    assert.ok((values[Math.floor(values.length / 2)] ?? 0) < 1_000);
    assert.ok((values.at(-1) ?? 0) > 100_000);
    const sold = trades.filter((trade) => trade.isBuyerMaker).length / trades.length;
    assert.ok(sold > 0.3 && sold < 0.7);
    const quiet = profileOf(market, 'BLZETH');
    const idle = Array.from({ length: 60 }, (_, index) => market.minute(quiet, NOON_US / MINUTE_US + index));
    assert.ok(idle.filter((minute) => minute.trades.length === 0).length > 40);
    assert.ok(idle.some((minute) => minute.trades.length > 0));
    assert.ok(idle.every((minute) => minute.quotes.length > 0));
    const { quotes } = market.minute(bitcoin, NOON_US / MINUTE_US);
    for (const trade of market.minute(bitcoin, NOON_US / MINUTE_US).trades) {
      const quote = quotes.findLast((other) => other.timeUs <= trade.timeUs) ?? quotes[0];
      assert.ok(quote && Math.abs(trade.priceTicks - quote.bidTicks) < bitcoin.priceTicks * 0.001);
    }
  });

  it('writes the digits of the three symbols as Binance does and knows at least twenty', () => {
    const market = new SimulatedMarket(1);
    const digits = (symbol: string): number[] => {
      const { priceDecimals, quantityDecimals } = profileOf(market, symbol);
      return [priceDecimals, quantityDecimals];
    };
    assert.deepEqual(
      [digits('BTCUSDT'), digits('ETHUSDT'), digits('BNBUSDT')],
      [
        [2, 5],
        [2, 4],
        [2, 3],
      ],
    );
    assert.ok(market.profiles.length >= 20);
    for (const profile of market.profiles)
      assert.ok(profile.priceDecimals + profile.quantityDecimals <= 8, profile.symbol);
  });

  it('refuses a symbol that it does not trade, by its name', () => {
    assert.throws(() => new SimulatedMarket(1, ['BTCUSDT', 'NOPE']), {
      code: 'MARKET_SYMBOL_UNKNOWN',
      message: /does not trade NOPE/,
    });
  });
});
