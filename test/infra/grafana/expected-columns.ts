const SERIES = 'time:TIMESTAMP symbol:VARCHAR figure:DOUBLE';
const MARKS = 'time:TIMESTAMP title:VARCHAR text:VARCHAR tags:VARCHAR';

/** The columns of every query, by its place, with their types: what panels, overrides and alerts rely on. */
export const EXPECTED_COLUMNS: Readonly<Record<string, string>> = {
  'market 1 A': 'time:TIMESTAMP symbol:VARCHAR price:DOUBLE',
  'market 2 A':
    'symbol:VARCHAR price:DOUBLE change:DOUBLE high:DOUBLE low:DOUBLE volume:DOUBLE quote_volume:DOUBLE trades:BIGINT bid:DOUBLE ask:DOUBLE spread_bps:DOUBLE coverage:VARCHAR gap_windows:BIGINT audit:VARCHAR',
  'market 11 A':
    'time:TIMESTAMP open:DOUBLE high:DOUBLE low:DOUBLE close:DOUBLE volume:DOUBLE vwap:DOUBLE sliding_avg:DOUBLE',
  'market 12 A': 'time:TIMESTAMP taker_buy:DOUBLE taker_sell:DOUBLE',
  'market 13 A': 'time:TIMESTAMP trades:BIGINT',
  'market 14 A': 'time:TIMESTAMP mean:DOUBLE least:DOUBLE most:DOUBLE',
  'market 15 A': 'time:TIMESTAMP coverage:VARCHAR audit:VARCHAR',
  'market annotation Signals': MARKS,
  'market variable symbol': 'symbol:VARCHAR',
  'risk 1 A': 'critical:BIGINT warning:BIGINT info:BIGINT',
  'risk 2 A': 'time:TIMESTAMP kind:VARCHAR signals:BIGINT',
  'risk 3 A':
    'time:TIMESTAMP symbol:VARCHAR kind:VARCHAR severity:VARCHAR state:VARCHAR measured:DOUBLE threshold:DOUBLE times:DOUBLE opened_by:BIGINT',
  'risk 4 A': SERIES,
  'risk 5 A': SERIES,
  'risk 6 A': SERIES,
  'risk 7 A': SERIES,
  'risk 8 A':
    'time:TIMESTAMP symbol:VARCHAR resolution:VARCHAR flag:VARCHAR deviation:DOUBLE deviation_bps:DOUBLE volume:DOUBLE coverage:VARCHAR',
  'risk 9 A': SERIES,
  'risk 10 A':
    'time:TIMESTAMP symbol:VARCHAR least:DOUBLE mean:DOUBLE most:DOUBLE updates:BIGINT bid:DOUBLE ask:DOUBLE',
  'risk 11 A': 'time:TIMESTAMP symbol:VARCHAR figure:BIGINT',
  'risk 12 A':
    'time:TIMESTAMP symbol:VARCHAR whales:BIGINT largest:DOUBLE quote_volume:DOUBLE ratio:DOUBLE price:DOUBLE',
  'risk annotation Signals': MARKS,
  'risk variable symbol': 'symbol:VARCHAR',
  'pipeline 1 A': 'trades:BIGINT gap_minutes:BIGINT differing_minutes:BIGINT',
  'pipeline 1 B': 'quotes:BIGINT',
  'pipeline 1 C': 'letters:BIGINT',
  'pipeline 2 A': 'symbol:VARCHAR newest:TIMESTAMP age_ms:BIGINT',
  'pipeline 21 A': 'time:TIMESTAMP trades:DOUBLE',
  'pipeline 21 B': 'time:TIMESTAMP quotes:DOUBLE',
  'pipeline 23 A': 'time:TIMESTAMP p50:DOUBLE p95:DOUBLE p99:DOUBLE',
  'pipeline 31 A': 'time:TIMESTAMP coverage:VARCHAR figure:BIGINT',
  'pipeline 33 A': 'time:TIMESTAMP coverage:VARCHAR figure:BIGINT',
  'pipeline 34 A': 'time:TIMESTAMP source:VARCHAR figure:BIGINT',
  'pipeline 41 A': 'time:TIMESTAMP audit:VARCHAR figure:BIGINT',
  'pipeline 53 A': 'time:TIMESTAMP letters:BIGINT',
  'pipeline annotation Signals': MARKS,
  'pipeline variable symbol': 'symbol:VARCHAR',
  'alert cmm-volatility': 'symbol:VARCHAR bps:TIMESERIES(DOUBLE)',
  'alert cmm-spread': 'symbol:VARCHAR bps:TIMESERIES(DOUBLE)',
  'alert cmm-freshness': 'source:VARCHAR age_ms:TIMESERIES(BIGINT)',
};

/** Those that read whole rows: they have the columns that the table has. */
export const WHOLE_ROWS: readonly string[] = ['pipeline 51 A', 'pipeline 55 A'];
