import { compareDecimal, type Decimal, parseDecimal, unitsAt } from '../decimal.ts';
import type { KlineFigures } from '../events/kline.ts';

/** What holding a stored candle against the exchange's kline said; by the rules of the `audit` column. */
export type KlineVerdict = 'equal' | 'rounding' | 'differs';

const PRICES = ['open', 'high', 'low', 'close'] as const;
const EXACT = [
  ['volume_exact', 'volume'],
  ['taker_buy_volume_exact', 'takerBuyVolume'],
] as const;
const QUOTE_SUMS = [
  ['quote_volume_exact', 'quoteVolume'],
  ['taker_buy_quote_volume_exact', 'takerBuyQuoteVolume'],
] as const;

/**
 * Holds the values of a stored 1-minute candle against a kline on every field. It looks at the row as it can be
 * queried, not at the state that made it: a second witness beside the `audit` column.
 */
export function checkKline(values: Readonly<Record<string, unknown>>, kline: KlineFigures): KlineVerdict {
  const numbers: readonly (readonly [string, number | null])[] = [
    ['trade_count', kline.tradeCount],
    ['first_trade_id', kline.firstTradeId],
    ['last_trade_id', kline.lastTradeId],
    ...PRICES.map((name) => [name, Number(textOf(kline[name]))] as const),
  ];
  for (const [name, theirs] of numbers) if (theirs !== null && values[name] !== theirs) return 'differs';
  for (const [name, theirs] of EXACT) {
    const mine = decimalOf(values[name]);
    if (mine === undefined || compareDecimal(mine, kline[theirs]) !== 0) return 'differs';
  }
  let verdict: KlineVerdict = 'equal';
  for (const [name, theirs] of QUOTE_SUMS) {
    const mine = decimalOf(values[name]);
    if (mine === undefined) return 'differs';
    if (compareDecimal(mine, kline[theirs]) === 0) continue;
    if (!isRounding(mine, kline[theirs], kline.tradeCount)) return 'differs';
    verdict = 'rounding';
  }
  return verdict;
}

function textOf({ units, scale }: Decimal): string {
  return `${units}e-${scale}`;
}

function decimalOf(value: unknown): Decimal | undefined {
  return typeof value === 'string' ? parseDecimal(value) : undefined;
}

/** Below one unit of the eighth decimal per trade: the exchange may round each trade's value. */
function isRounding(a: Decimal, b: Decimal, trades: number): boolean {
  const scale = Math.max(a.scale, b.scale, 8);
  const difference = unitsAt(a, scale) - unitsAt(b, scale);
  const magnitude = difference < 0n ? -difference : difference;
  return magnitude < unitsAt({ units: trades, scale: 8 }, scale);
}
