import { COLUMNS, type TableColumns } from '../../../shared/columns.ts';
import type { Row } from '../../../shared/row.ts';
import { TABLES, type TableName } from '../../../shared/tables.ts';

type Values = Readonly<Record<string, string | number | boolean>>;

/** A row of made-up figures; names that the table does not have fail. */
export function plainRow(
  table: TableName,
  timeMs: number,
  dimensions: Readonly<Record<string, string>>,
  values: Values,
): Row {
  const known: TableColumns = COLUMNS[table];
  return {
    table,
    dimensions: known.dimensions.map((name) => [name, dimensions[name] ?? '-']),
    timeNs: `${timeMs}000000`,
    version: '1',
    columns: Object.entries(values).map(([name, value]) => {
      const type = known.measures[name];
      if (type === undefined) throw new Error(`${table} has no column ${name}`);
      return { name, type, value: String(value) };
    }),
  };
}

/** A whole candle: it opens at `price`, closes one higher, and buyers took three quarters of its volume. */
export function candle(
  symbol: string,
  resolution: string,
  timeMs: number,
  price: number,
  more: Values = {},
): Row {
  return plainRow(
    TABLES.candles,
    timeMs,
    { symbol, resolution },
    {
      open: price,
      high: price + 2,
      low: price - 1,
      close: price + 1,
      volume: 8,
      quote_volume: 8 * price,
      taker_buy_volume: 6,
      taker_buy_quote_volume: 6 * price,
      trade_count: 4,
      vwap: price,
      avg_price: price,
      price_stddev: price / 1000,
      buy_sell_ratio: 3,
      largest_trade: 3 * price,
      whale_count: 0,
      volatility_alert: false,
      volume_spike: false,
      coverage: 'complete',
      final: true,
      revision: 0,
      audit: 'equal',
      ...more,
    },
  );
}

/** A spread window: 1, 2 and 3 basis points. */
export function spread(symbol: string, timeMs: number, more: Values = {}): Row {
  return plainRow(
    TABLES.spreads,
    timeMs,
    { symbol, resolution: '30s' },
    {
      avg_spread: 0.02,
      min_spread: 0.01,
      max_spread: 0.03,
      avg_spread_bps: 2,
      min_spread_bps: 1,
      max_spread_bps: 3,
      update_count: 10,
      last_bid: 99.99,
      last_ask: 100.01,
      spread_warning: false,
      coverage: 'complete',
      final: true,
      ...more,
    },
  );
}

/** A signal row. */
export function signal(symbol: string, kind: string, timeMs: number, more: Values = {}): Row {
  return plainRow(
    TABLES.signals,
    timeMs,
    { symbol, kind },
    {
      id: `${timeMs}`,
      severity: 'warning',
      state: 'open',
      value: 6,
      threshold: 2,
      baseline: 1,
      evidence: '{}',
      opened_by: 7,
      ...more,
    },
  );
}
