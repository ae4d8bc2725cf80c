import type { Micros } from '../units.ts';

/** A folded quote and what its 30 s window holds with it; one record filled again and again, as `TradeMoment`. */
export interface QuoteMoment {
  /** `u`. */
  updateId: number;
  receivedUs: Micros;
  /** Ask less bid. */
  spread: number;
  /** The spread in basis points of the mid. */
  spreadBps: number;
  windowStartUs: Micros;
  windowMinSpread: number;
  windowMaxSpread: number;
  windowMaxBps: number;
  windowUpdates: number;
}
