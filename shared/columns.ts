import type { ColumnType } from './row.ts';
import type { TableName } from './tables.ts';

/**
 * The dimensions and columns of every table, with their types (CONTRACTS section 5). What writes rows, the
 * dashboards, the alert rules and the tests all take the names from here. A column may be missing from a row:
 * what is undefined is left out.
 */
export const COLUMNS = {
  candles: {
    dimensions: ['symbol', 'resolution'],
    measures: {
      open: 'DOUBLE',
      high: 'DOUBLE',
      low: 'DOUBLE',
      close: 'DOUBLE',
      volume: 'DOUBLE',
      volume_exact: 'VARCHAR',
      quote_volume: 'DOUBLE',
      quote_volume_exact: 'VARCHAR',
      taker_buy_volume: 'DOUBLE',
      taker_buy_volume_exact: 'VARCHAR',
      taker_buy_quote_volume: 'DOUBLE',
      taker_buy_quote_volume_exact: 'VARCHAR',
      trade_count: 'BIGINT',
      first_trade_id: 'BIGINT',
      last_trade_id: 'BIGINT',
      vwap: 'DOUBLE',
      avg_price: 'DOUBLE',
      price_stddev: 'DOUBLE',
      buy_sell_ratio: 'DOUBLE',
      largest_trade: 'DOUBLE',
      whale_count: 'BIGINT',
      volatility_alert: 'BOOLEAN',
      volume_spike: 'BOOLEAN',
      coverage: 'VARCHAR',
      final: 'BOOLEAN',
      revision: 'BIGINT',
      reason: 'VARCHAR',
      audit: 'VARCHAR',
    },
  },
  spreads: {
    dimensions: ['symbol', 'resolution'],
    measures: {
      avg_spread: 'DOUBLE',
      min_spread: 'DOUBLE',
      max_spread: 'DOUBLE',
      avg_spread_bps: 'DOUBLE',
      min_spread_bps: 'DOUBLE',
      max_spread_bps: 'DOUBLE',
      update_count: 'BIGINT',
      last_bid: 'DOUBLE',
      last_ask: 'DOUBLE',
      spread_warning: 'BOOLEAN',
      coverage: 'VARCHAR',
      final: 'BOOLEAN',
    },
  },
  signals: {
    dimensions: ['symbol', 'kind'],
    measures: {
      id: 'VARCHAR',
      severity: 'VARCHAR',
      state: 'VARCHAR',
      value: 'DOUBLE',
      threshold: 'DOUBLE',
      baseline: 'DOUBLE',
      evidence: 'VARCHAR',
      opened_by: 'BIGINT',
    },
  },
  trades: {
    dimensions: ['symbol'],
    measures: {
      trade_id: 'BIGINT',
      price: 'DOUBLE',
      quantity: 'DOUBLE',
      quote_value: 'DOUBLE',
      is_buyer_maker: 'BOOLEAN',
      trade_time_us: 'BIGINT',
      event_time_ms: 'DOUBLE',
      ingestion_time_ms: 'DOUBLE',
      latency_ms: 'DOUBLE',
      source: 'VARCHAR',
    },
  },
  quotes: {
    dimensions: ['symbol'],
    measures: {
      update_id: 'BIGINT',
      bid: 'DOUBLE',
      bid_quantity: 'DOUBLE',
      ask: 'DOUBLE',
      ask_quantity: 'DOUBLE',
      received_us: 'BIGINT',
    },
  },
  dead_letters: {
    dimensions: ['topic', 'partition'],
    measures: {
      reason: 'VARCHAR',
      error: 'VARCHAR',
      offset: 'BIGINT',
      attempts: 'BIGINT',
      received_ms: 'DOUBLE',
      size_bytes: 'BIGINT',
      sha256: 'VARCHAR',
      key: 'VARCHAR',
      payload: 'VARCHAR',
    },
  },
} as const satisfies Readonly<Record<TableName, TableColumns>>;

/** What a table's rows are made of, beside `time` and `measure_name`. */
export interface TableColumns {
  /** Names that tell series apart; always VARCHAR. */
  readonly dimensions: readonly string[];
  readonly measures: Readonly<Record<string, ColumnType>>;
}

/** Every name that a query on the table may use. */
export type ColumnName<T extends TableName> =
  | 'time'
  | 'measure_name'
  | (typeof COLUMNS)[T]['dimensions'][number]
  | (keyof (typeof COLUMNS)[T]['measures'] & string);
