import type { MarketSymbol, Micros } from '../units.ts';
import type { RawPosition, Source } from './source.ts';

/** The two feeds of a symbol; each has its own sockets, topics, windows and state. */
export type Feed = 'trades' | 'quotes';

/** `open`: ids are missing. `filled`: none is missing any more. `unfillable`: they will not come. */
export type GapState = 'open' | 'filled' | 'unfillable';

/**
 * A change of a hole in the trade ids. The hole is `from`..`to`, both missing; the times are those of the
 * trades just before and just after it, and say which windows it marks.
 */
export interface GapChange {
  readonly from: number;
  readonly to: number;
  readonly state: GapState;
  readonly beforeUs: Micros;
  readonly afterUs: Micros;
}

/**
 * Ingest's own record for a symbol: it moves the watermark of a quiet one, tells gaps, and bounds a watch.
 * A tick carries at most one gap change.
 */
export interface Tick {
  readonly kind: 'tick';
  readonly symbol: MarketSymbol;
  readonly feed: Feed;
  /** The exchange's time as last seen on this socket (trades), or the receive time (quotes). */
  readonly timeUs: Micros;
  /** The highest id below which none is missing; null before the first trade and for quotes. */
  readonly contiguousId: number | null;
  readonly gap: GapChange | null;
  /**
   * Set on the tick that opens a watch session: the time of its first frame. With `endedUs` on the same tick, which
   * quotes alone have: nobody watched between the two, and this is when the watch went on.
   */
  readonly beganUs: Micros | null;
  /** Set alone on the tick that closes the session: the time of its last frame. Beside `beganUs`: the last frame before it. */
  readonly endedUs: Micros | null;
  readonly receivedUs: Micros;
  readonly source: Source;
  readonly raw: RawPosition;
}
