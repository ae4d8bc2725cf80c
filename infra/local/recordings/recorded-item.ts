import type { MarketSymbol, Micros } from '../../../shared/units.ts';

/** The stream types that the monitor watches. */
export type StreamType = 'trade' | 'aggTrade' | 'bookTicker' | 'kline_1m';

/** Where an item stands: the file as the user named it, and the line (from 1) or the array index (from 0). */
export interface RecordedPlace {
  readonly file: string;
  readonly line: number;
}

/** One thing found in a recording, in the order of receive time. */
export type RecordedItem =
  | {
      /** A frame as the exchange sent it, combined-stream envelope included, byte for byte. */
      readonly kind: 'frame';
      readonly place: RecordedPlace;
      readonly receivedUs: Micros;
      readonly symbol: MarketSymbol;
      readonly stream: StreamType;
      readonly bytes: Buffer;
    }
  | {
      /** A trade or kline of a REST answer, as its own bytes; `receivedUs` is the trade time or the close time + 1 ms. */
      readonly kind: 'rest-trade' | 'rest-kline';
      readonly place: RecordedPlace;
      readonly receivedUs: Micros;
      readonly symbol: MarketSymbol;
      readonly bytes: Buffer;
    }
  /** A frame of a stream or symbol that is not watched. */
  | { readonly kind: 'skipped'; readonly place: RecordedPlace; readonly stream: string }
  /** A URL line, a REST answer between the frames, a line without `stream`. */
  | { readonly kind: 'not-frame'; readonly place: RecordedPlace }
  | {
      /** A line that no format fits, or that was cut; it becomes a dead letter. */
      readonly kind: 'unreadable';
      readonly place: RecordedPlace;
      readonly receivedUs: Micros;
      readonly bytes: Buffer;
      readonly error: string;
    };
