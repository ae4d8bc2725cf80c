import fc from 'fast-check';
import { compareDecimal, type Decimal, parseDecimal } from '../../../shared/decimal.ts';
import type { AggTrade } from '../../../shared/events/agg-trade.ts';
import type { Kline } from '../../../shared/events/kline.ts';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import type { Quote } from '../../../shared/events/quote.ts';
import { SOURCES } from '../../../shared/events/source.ts';
import type { Tick } from '../../../shared/events/tick.ts';
import type { Trade } from '../../../shared/events/trade.ts';
import { MINUTE_US } from '../../../shared/units.ts';

/** A record as object literals make it, so that deep equality compares contents alone. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

const symbol = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('BTCUSDT', 'ETHUSDT', '1000SATSUSDT', 'A') },
  { weight: 1, arbitrary: fc.constantFrom('币安人生USDT', 'X-Y_Z.1') },
);
export const anyId = fc.oneof(
  fc.nat(),
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  fc.constantFrom(0, Number.MAX_SAFE_INTEGER),
);
const anyTime = fc.oneof(
  fc.integer({ min: 1_500_000_000_000_000, max: 1_900_000_000_000_000 }),
  fc.integer({ min: 1_500_000_000_000, max: 1_900_000_000_000 }).map((ms) => ms * 1000),
);
const timeOrNull = fc.option(anyTime);
const origin = {
  receivedUs: anyTime,
  source: fc.constantFrom(...SOURCES),
  raw: record({ partition: fc.nat(5), offset: anyId }),
};

function decimalOf(text: string): Decimal {
  return parseDecimal(text) ?? { units: 0, scale: 0 };
}

/** A figure above zero with at most 18 digits before the point and 8 after it. */
export const figureText = fc
  .tuple(
    fc.oneof(
      { weight: 9, arbitrary: fc.nat(999_999) },
      { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }) },
    ),
    fc.oneof(fc.nat(99_999_999), fc.constantFrom(0, 1, 2_000_000, 50_000_000)),
  )
  .filter(([whole, fraction]) => whole > 0 || fraction > 0)
  .map(([whole, fraction]) => `${whole}.${String(fraction).padStart(8, '0')}`);
const figure = figureText.map(decimalOf);
const amount = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.bigInt({ min: 0n, max: 10n ** 16n - 1n }))
  .map(([whole, fraction]) => decimalOf(`${whole}.${String(fraction).padStart(16, '0')}`));

const fill = {
  symbol,
  price: figure,
  quantity: figure,
  tradeTimeUs: anyTime,
  eventTimeUs: timeOrNull,
  isBuyerMaker: fc.boolean(),
  ...origin,
};

export const anyTrade: fc.Arbitrary<Trade> = record({ kind: fc.constant('trade'), tradeId: anyId, ...fill });

export const anyAggTrade: fc.Arbitrary<AggTrade> = record({
  kind: fc.constant('aggTrade'),
  aggTradeId: anyId,
  firstTradeId: anyId,
  lastTradeId: anyId,
  ...fill,
});

export const anyQuote: fc.Arbitrary<Quote> = record({
  kind: fc.constant('quote'),
  symbol,
  updateId: anyId,
  bid: figure,
  bidQuantity: figure,
  ask: figure,
  askQuantity: figure,
  ...origin,
}).map((quote) =>
  compareDecimal(quote.bid, quote.ask) <= 0 ? quote : { ...quote, bid: quote.ask, ask: quote.bid },
);

export const anyKline: fc.Arbitrary<Kline> = record({
  kind: fc.constant('kline'),
  symbol,
  minute: fc.integer({ min: 25_000_000, max: 31_000_000 }),
  prices: fc.array(figure, { minLength: 4, maxLength: 4 }),
  volume: amount,
  quoteVolume: amount,
  tradeCount: anyId,
  takerBuyVolume: amount,
  takerBuyQuoteVolume: amount,
  ids: fc.constantFrom<readonly [number | null, number | null]>([null, null], [-1, -1], [5, 9]),
  eventTimeUs: timeOrNull,
  ...origin,
}).map(({ minute, prices, ids, ...rest }) => {
  const zero = { units: 0, scale: 0 };
  const [low = zero, open = zero, close = zero, high = zero] = [...prices].sort(compareDecimal);
  return {
    ...rest,
    openTimeUs: minute * MINUTE_US,
    endTimeUs: (minute + 1) * MINUTE_US,
    open,
    high,
    low,
    close,
    firstTradeId: ids[0],
    lastTradeId: ids[1],
  };
});

export const anyTick: fc.Arbitrary<Tick> = record({
  kind: fc.constant('tick'),
  symbol,
  feed: fc.constantFrom('trades', 'quotes'),
  timeUs: anyTime,
  contiguousId: fc.option(anyId),
  gap: fc.option(
    record({
      ids: fc.tuple(anyId, anyId),
      state: fc.constantFrom('open', 'filled', 'unfillable'),
      beforeUs: anyTime,
      afterUs: anyTime,
    }).map(({ ids, ...rest }) => ({ from: Math.min(...ids), to: Math.max(...ids), ...rest })),
  ),
  beganUs: timeOrNull,
  endedUs: timeOrNull,
  ...origin,
});

export const anyEvent: fc.Arbitrary<MarketEvent> = fc.oneof(
  anyTrade,
  anyAggTrade,
  anyQuote,
  anyKline,
  anyTick,
);
