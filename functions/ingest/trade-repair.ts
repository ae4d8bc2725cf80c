import type { Decimal } from '../../shared/decimal.ts';
import type { Gap } from '../../shared/ledger/gap.ts';
import type { Micros, Millis } from '../../shared/units.ts';

/** A record of REST that stands for the trades `from`..`to` (one id, or those of an aggregate). */
export interface RepairedRecord {
  readonly from: number;
  readonly to: number;
  readonly tradeTimeUs: Micros;
  /** The REST object's own bytes. */
  readonly bytes: Buffer;
  /** Set for an aggregate, which may overlap trades that were seen. */
  readonly quantity?: Decimal;
}

/** One answer about a gap. */
export type RepairPage =
  /**
   * In rising id order; the next page is asked for from the last id on, or from `reachedId` on where the page went
   * further than its records show. `isEnd`: the exchange gave fewer than asked for, so it has nothing newer now.
   */
  | {
      readonly kind: 'records';
      readonly records: readonly RepairedRecord[];
      readonly reachedId?: number;
      readonly isEnd?: boolean;
    }
  /** The exchange does not give these ids: they stay missing. */
  | { readonly kind: 'gone'; readonly why: string }
  /** Not now: over the budget, banned, or a fault that may pass. */
  | { readonly kind: 'later'; readonly afterMs: Millis; readonly why: string };

/** Where missing trades come from: REST, or a recording that serves its own. */
export interface TradeRepair {
  /** How it repairs, in words for the start message. */
  readonly mode: string;
  /** One page of a gap's trades, from the id `from` on. Never rejects for what can be expected. */
  fetch(gap: Gap, from: number): Promise<RepairPage>;
}
