import type { MarketSymbol, Micros } from '../../shared/units.ts';
import type { Refusal } from './explain-refusal.ts';

/** Why a socket ended. */
export type StreamClose =
  /** It had been open; `code` is the WebSocket close code, 1006 where the line broke. */
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  /** It never opened. */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What a socket tells its owner. After `onClose` it tells nothing more. */
export interface StreamListener {
  onOpen(): void;
  /**
   * A frame, its bytes as received, and when. `symbol` is given only by a replay, for bytes that do not name
   * it themselves: the symbol of a REST record, or null for a line that nobody could read.
   */
  onFrame(bytes: Buffer, receivedUs: Micros, symbol?: MarketSymbol | null): void;
  onPong(): void;
  onClose(why: StreamClose): void;
}

/** An open or opening socket. Every call is allowed at any time and does nothing after the close. */
export interface StreamSocket {
  /** Stops reading, so that the sender is held back. Frames already read may still be told. */
  pause(): void;
  resume(): void;
  /** Ends it; `onClose` follows unless it was told already. */
  close(): void;
  ping(): void;
}

/** One socket to be opened. */
export interface StreamRequest {
  /** The whole address, streams included. */
  readonly url: string;
  readonly streams: readonly string[];
  /** The name that the records carry, such as `t0-1`. */
  readonly connection: string;
}

/** Where frames come from: `ws`, or memory in replays and tests. */
export interface StreamSource {
  connect(request: StreamRequest, listener: StreamListener): StreamSocket;
}
