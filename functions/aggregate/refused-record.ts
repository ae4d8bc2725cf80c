import type { MarketEvent } from '../../shared/events/market-event.ts';
import type { Refused } from '../../shared/events/reasons.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';
import type { RefusedRecord } from './effects.ts';
import type { FeedRecord } from './feed.ts';

/** Where an event came from and when, as far as its dead letter needs it. */
export interface Received {
  readonly receivedUs: Micros;
  readonly rawPartition: number;
  readonly rawOffset: number;
}

/** A record of a validated topic that this feed cannot read, or that is another symbol's or feed's. */
export function refusedRecord(
  record: FeedRecord,
  found: Refused | MarketEvent,
  symbol: MarketSymbol,
  bytes: Uint8Array,
): RefusedRecord {
  const error =
    found.kind === 'refused'
      ? found.error
      : `A ${found.kind} of ${found.symbol} stands among the events of ${symbol} in ${record.topic}.`;
  return {
    reason: found.kind === 'refused' ? found.reason : 'EVENT_INVALID',
    error,
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    key: symbol,
    receivedMs: record.timestamp,
    payload: Buffer.from(bytes),
  };
}

/** An event that is older than the log keeps records. */
export function lateRecord(
  rawTopic: string,
  event: Received,
  symbol: MarketSymbol,
  bytes: Uint8Array,
): RefusedRecord {
  return {
    reason: 'LATE',
    error: `The event is older than the log keeps records of ${symbol}; its window is closed for good.`,
    topic: rawTopic,
    partition: event.rawPartition,
    offset: event.rawOffset,
    key: symbol,
    receivedMs: event.receivedUs / 1000,
    payload: Buffer.from(bytes),
  };
}
