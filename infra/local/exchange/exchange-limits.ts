import type { Millis } from '../../../shared/units.ts';

/**
 * What the exchange allows its clients.
 * @see https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams and `/rest-api/limits`
 */
export interface ExchangeLimits {
  readonly weightPerMinute: number;
  /** A client that is refused this often within a minute is banned. */
  readonly refusalsBeforeBan: number;
  readonly banMs: Millis;
  readonly pingEveryMs: Millis;
  /** How long the pong to a ping may take. */
  readonly pongWithinMs: Millis;
  readonly messagesPerSecond: number;
  readonly streamsPerConnection: number;
  readonly connectionsPerWindow: number;
  readonly connectionWindowMs: Millis;
  readonly connectionLifeMs: Millis;
  /** How long before its end a connection is told by `serverShutdown`. */
  readonly shutdownNoticeMs: Millis;
  /** What waits for a client that does not read; a client with more is dropped. */
  readonly maxBufferedBytes: number;
}

/** The limits of Binance spot; the last two are ours, since Binance names none. */
export const BINANCE_LIMITS: ExchangeLimits = {
  weightPerMinute: 6_000,
  refusalsBeforeBan: 20,
  banMs: 120_000,
  pingEveryMs: 20_000,
  pongWithinMs: 60_000,
  messagesPerSecond: 5,
  streamsPerConnection: 1_024,
  connectionsPerWindow: 300,
  connectionWindowMs: 300_000,
  connectionLifeMs: 86_400_000,
  shutdownNoticeMs: 10_000,
  maxBufferedBytes: 16 * 1024 * 1024,
};
