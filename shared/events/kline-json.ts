import { formatDecimal } from '../decimal.ts';
import type { Kline } from './kline.ts';
import { latencyText, millisText, millisTextOrNull } from './millis-text.ts';
import { originText } from './origin-json.ts';

/** A validated closed kline as JSON text, in fixed field order. */
export function encodeKline(kline: Kline): string {
  return (
    `{"event_type":"kline","event_time_ms":${millisTextOrNull(kline.eventTimeUs)}` +
    `,"symbol":"${kline.symbol}","open_time_ms":${millisText(kline.openTimeUs)}` +
    `,"end_time_ms":${millisText(kline.endTimeUs)}` +
    `,"open":${formatDecimal(kline.open)},"high":${formatDecimal(kline.high)}` +
    `,"low":${formatDecimal(kline.low)},"close":${formatDecimal(kline.close)}` +
    `,"volume":${formatDecimal(kline.volume)},"quote_volume":${formatDecimal(kline.quoteVolume)}` +
    `,"trade_count":${kline.tradeCount},"taker_buy_volume":${formatDecimal(kline.takerBuyVolume)}` +
    `,"taker_buy_quote_volume":${formatDecimal(kline.takerBuyQuoteVolume)}` +
    `,"first_trade_id":${kline.firstTradeId},"last_trade_id":${kline.lastTradeId}` +
    `,"ingestion_time_ms":${millisText(kline.receivedUs)}` +
    `,"latency_ms":${latencyText(kline.receivedUs, kline.eventTimeUs)},${originText(kline.source, kline.raw)}`
  );
}
