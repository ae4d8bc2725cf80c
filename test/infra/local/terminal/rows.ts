import type { Column, Row } from '../../../../shared/row.ts';

/** Rows as the functions write them, with only what a test names. */
function row(table: Row['table'], dimensions: Row['dimensions'], timeUs: number, values: Values): Row {
  const columns: Column[] = Object.entries(values).map(([name, value]) => ({
    name,
    type: typeof value === 'number' ? 'DOUBLE' : 'VARCHAR',
    value: String(value),
  }));
  return { table, dimensions, timeNs: `${timeUs}000`, version: '1', columns };
}

type Values = Readonly<Record<string, string | number>>;

export function tradeRow(symbol: string, id: number, timeUs: number, price: string, more: Values = {}): Row {
  const values = { trade_id: id, trade_time_us: timeUs, price, source: 'live', ...more };
  return row('trades', [['symbol', symbol]], timeUs, values);
}

export function quoteRow(symbol: string, receivedUs: number, bid: string, ask: string): Row {
  return row('quotes', [['symbol', symbol]], receivedUs, { bid, ask, received_us: receivedUs });
}

export function candleRow(symbol: string, resolution: string, timeUs: number, values: Values): Row {
  const dimensions: Row['dimensions'] = [
    ['symbol', symbol],
    ['resolution', resolution],
  ];
  return row('candles', dimensions, timeUs, values);
}

export function spreadRow(symbol: string, timeUs: number, bid: string, ask: string): Row {
  return row('spreads', [['symbol', symbol]], timeUs, { last_bid: bid, last_ask: ask });
}
