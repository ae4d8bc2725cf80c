import assert from 'node:assert/strict';
import { parseDecimal } from '../../../shared/decimal.ts';
import type { Source } from '../../../shared/events/source.ts';
import type { Tick } from '../../../shared/events/tick.ts';
import type { Row } from '../../../shared/row.ts';
import { DEFAULT_RESOLUTIONS } from '../../../shared/window/resolution.ts';
import { type FoldOutcome, type FoldTrade, TradeWindows } from '../../../shared/window/trade-windows.ts';

/** A trade as a test writes it. */
export interface PlainTrade {
  readonly id: number;
  readonly price: string;
  readonly quantity: string;
  readonly timeMs: number;
  readonly maker?: boolean;
  readonly source?: Source;
}

/** Windows with the default rules and a whale threshold of 100,000. */
export function makeWindows(symbol = 'BTCUSDT'): TradeWindows {
  const rules = {
    resolutions: DEFAULT_RESOLUTIONS,
    delayUs: 10_000_000,
    retentionUs: 7 * 86_400_000_000,
    whaleQuoteValue: 100_000,
  };
  return new TradeWindows(symbol, rules, 1);
}

/** The trade in the form that the fold reads. */
export function foldTrade(trade: PlainTrade): FoldTrade {
  const price = parseDecimal(trade.price);
  const quantity = parseDecimal(trade.quantity);
  assert.ok(price !== undefined && quantity !== undefined);
  return {
    tradeId: trade.id,
    priceUnits: price.units,
    priceScale: price.scale,
    quantityUnits: quantity.units,
    quantityScale: quantity.scale,
    isBuyerMaker: trade.maker ?? false,
    tradeTimeUs: Math.round(trade.timeMs * 1000),
    source: trade.source ?? 'live',
  };
}

/** Folds trades in the order given and returns what became of each. */
export function foldTrades(windows: TradeWindows, trades: readonly PlainTrade[]): FoldOutcome[] {
  return trades.map((trade) => windows.foldTrade(foldTrade(trade)));
}

/** A tick that says nothing but what is given. */
export function tick(fields: Partial<Tick>): Tick {
  return {
    kind: 'tick',
    symbol: 'BTCUSDT',
    feed: 'trades',
    timeUs: 0,
    contiguousId: null,
    gap: null,
    beganUs: null,
    endedUs: null,
    receivedUs: 0,
    source: 'live',
    raw: { partition: 0, offset: 0 },
    ...fields,
  };
}

/** The newest row of a window. */
export function finalRow(rows: readonly Row[], resolution: string, startMs: number): Row {
  const found = rows.findLast(
    (row) =>
      row.timeNs === `${startMs}000000` &&
      row.dimensions.some(([name, value]) => name === 'resolution' && value === resolution),
  );
  assert.ok(found !== undefined, `there is no row of ${resolution} at ${new Date(startMs).toISOString()}`);
  return found;
}

/** A row's columns by name. */
export function columnsOf(row: Row): Record<string, string> {
  return Object.fromEntries(row.columns.map(({ name, value }) => [name, value]));
}
