import type { Micros } from '../../../shared/units.ts';
import type { TimeUnit } from './binance-json.ts';

/** One message of a stream, written out only for those who listen. */
export interface MarketFrame {
  /** Such as `btcusdt@trade`. */
  readonly stream: string;
  /** When the exchange sends it. */
  readonly atUs: Micros;
  /**
   * The payload, without the envelope of a combined stream.
   * @param aheadUs how far the exchange's clock is ahead of the truth: added to the event time
   */
  payload(unit: TimeUnit, aheadUs: Micros): string;
}
