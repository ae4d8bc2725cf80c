import { formatUnits } from '../decimal.ts';
import { latencyText, millisText, millisTextOrNull } from './millis-text.ts';
import { originText } from './origin-json.ts';
import type { Trade } from './trade.ts';

/** A validated trade as JSON text, in the fixed field order that `scanTrade` reads. */
export function encodeTrade(trade: Trade): string {
  return (
    `{"event_type":"trade","event_time_ms":${millisTextOrNull(trade.eventTimeUs)}` +
    `,"symbol":"${trade.symbol}","trade_id":${trade.tradeId}` +
    `,"price":${formatUnits(trade.price.units, trade.price.scale)}` +
    `,"quantity":${formatUnits(trade.quantity.units, trade.quantity.scale)}` +
    `,"trade_time_ms":${millisText(trade.tradeTimeUs)},"is_buyer_maker":${trade.isBuyerMaker}` +
    `,"ingestion_time_ms":${millisText(trade.receivedUs)}` +
    `,"latency_ms":${latencyText(trade.receivedUs, trade.eventTimeUs)},${originText(trade.source, trade.raw)}`
  );
}
