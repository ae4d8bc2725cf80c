import { formatUnits } from '../decimal.ts';
import { millisText } from '../events/millis-text.ts';
import type { Trade } from '../events/trade.ts';
import type { Column, Row } from '../row.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import { rowVersion } from './row-version.ts';
import type { FoldTrade } from './trade-windows.ts';

/** A trade with all that its row and its dead letter need; `TradeScan` of the byte scanner is one. */
export interface StoredTrade extends FoldTrade {
  symbol: MarketSymbol;
  /** -1 where there is none. */
  eventTimeUs: Micros;
  receivedUs: Micros;
  rawPartition: number;
  rawOffset: number;
}

/** A decoded trade in the form that the fold and its row read. */
export function storedTrade(trade: Trade): StoredTrade {
  return {
    symbol: trade.symbol,
    tradeId: trade.tradeId,
    priceUnits: trade.price.units,
    priceScale: trade.price.scale,
    quantityUnits: trade.quantity.units,
    quantityScale: trade.quantity.scale,
    isBuyerMaker: trade.isBuyerMaker,
    tradeTimeUs: trade.tradeTimeUs,
    eventTimeUs: trade.eventTimeUs ?? -1,
    receivedUs: trade.receivedUs,
    source: trade.source,
    rawPartition: trade.raw.partition,
    rawOffset: trade.raw.offset,
  };
}

/**
 * The row of table `trades`. Hundreds of trades share a millisecond and the store tells rows apart by time, so
 * the row's time is the millisecond plus the last six digits of the id as nanoseconds; `trade_time_us` is the
 * real time.
 */
export function tradeRow(trade: StoredTrade, epoch: number): Row {
  const scale = trade.priceScale + trade.quantityScale;
  const value = formatUnits(BigInt(trade.priceUnits) * BigInt(trade.quantityUnits), scale);
  const columns: Column[] = [
    { name: 'trade_id', type: 'BIGINT', value: String(trade.tradeId) },
    { name: 'price', type: 'DOUBLE', value: formatUnits(trade.priceUnits, trade.priceScale) },
    { name: 'quantity', type: 'DOUBLE', value: formatUnits(trade.quantityUnits, trade.quantityScale) },
    { name: 'quote_value', type: 'DOUBLE', value },
    { name: 'is_buyer_maker', type: 'BOOLEAN', value: String(trade.isBuyerMaker) },
    { name: 'trade_time_us', type: 'BIGINT', value: String(trade.tradeTimeUs) },
    { name: 'ingestion_time_ms', type: 'DOUBLE', value: millisText(trade.receivedUs) },
    { name: 'source', type: 'VARCHAR', value: trade.source },
  ];
  if (trade.eventTimeUs >= 0) {
    columns.push(
      { name: 'event_time_ms', type: 'DOUBLE', value: millisText(trade.eventTimeUs) },
      { name: 'latency_ms', type: 'DOUBLE', value: millisText(trade.receivedUs - trade.eventTimeUs) },
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
