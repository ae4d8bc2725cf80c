import { formatDecimal, formatUnits } from '../decimal.ts';
import type { Trade } from '../events/trade.ts';
import type { Column, Row } from '../row.ts';
import { timeText } from '../time-text.ts';
import { rowVersion } from './row-version.ts';

/**
 * The row of table `trades`. Hundreds of trades share a millisecond and the store tells rows apart by time, so
 * the row's time is the millisecond plus the last six digits of the id as nanoseconds; `trade_time_us` is the
 * real time.
 */
export function tradeRow(trade: Trade, epoch: number): Row {
  const value = formatUnits(
    BigInt(trade.price.units) * BigInt(trade.quantity.units),
    trade.price.scale + trade.quantity.scale,
  );
  const columns: Column[] = [
    { name: 'trade_id', type: 'BIGINT', value: String(trade.tradeId) },
    { name: 'price', type: 'DOUBLE', value: formatDecimal(trade.price) },
    { name: 'quantity', type: 'DOUBLE', value: formatDecimal(trade.quantity) },
    { name: 'quote_value', type: 'DOUBLE', value },
    { name: 'is_buyer_maker', type: 'BOOLEAN', value: String(trade.isBuyerMaker) },
    { name: 'trade_time_us', type: 'BIGINT', value: String(trade.tradeTimeUs) },
    { name: 'ingestion_time_ms', type: 'DOUBLE', value: timeText(trade.receivedUs) },
    { name: 'source', type: 'VARCHAR', value: trade.source },
  ];
  if (trade.eventTimeUs !== null) {
    columns.push(
      { name: 'event_time_ms', type: 'DOUBLE', value: timeText(trade.eventTimeUs) },
      { name: 'latency_ms', type: 'DOUBLE', value: timeText(trade.receivedUs - trade.eventTimeUs) },
    );
  }
  return {
    table: 'trades',
    dimensions: [['symbol', trade.symbol]],
    timeNs: uniqueTimeNs(trade.tradeTimeUs, trade.tradeId),
    version: rowVersion(epoch, 0, true),
    columns,
  };
}

/** Milliseconds × 10^6 plus the last six digits of an id: a time that is unique where the id is. */
export function uniqueTimeNs(timeUs: number, id: number): string {
  return `${Math.floor(timeUs / 1000)}${String(id % 1_000_000).padStart(6, '0')}`;
}
