import { formatDecimal } from '../decimal.ts';
import type { AggTrade } from './agg-trade.ts';
import { latencyText, millisText, millisTextOrNull } from './millis-text.ts';
import { originText } from './origin-json.ts';

/** A validated aggregate trade as JSON text, in fixed field order. */
export function encodeAggTrade(trade: AggTrade): string {
  return (
    `{"event_type":"aggTrade","event_time_ms":${millisTextOrNull(trade.eventTimeUs)}` +
    `,"symbol":"${trade.symbol}","agg_trade_id":${trade.aggTradeId}` +
    `,"price":${formatDecimal(trade.price)},"quantity":${formatDecimal(trade.quantity)}` +
    `,"first_trade_id":${trade.firstTradeId},"last_trade_id":${trade.lastTradeId}` +
    `,"trade_time_ms":${millisText(trade.tradeTimeUs)},"is_buyer_maker":${trade.isBuyerMaker}` +
    `,"ingestion_time_ms":${millisText(trade.receivedUs)}` +
    `,"latency_ms":${latencyText(trade.receivedUs, trade.eventTimeUs)},${originText(trade.source, trade.raw)}`
  );
}
