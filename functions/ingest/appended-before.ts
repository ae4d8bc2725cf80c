import type { Tick } from '../../shared/events/tick.ts';
import type { MarketSymbol } from '../../shared/units.ts';

/** A tick as ingest makes it, before the log gives it a place. */
export type NewTick = Omit<Tick, 'raw'>;

/**
 * What a resumed replay finds in the raw log. Its frames run through ingest again, so that every decision falls
 * as it did, and only what is not there yet is appended.
 */
export interface AppendedBefore {
  frame(frame: number): boolean;
  tick(tick: NewTick): boolean;
  backfill(symbol: MarketSymbol, tradeId: number): boolean;
}

/** A log that holds nothing of this feed yet. */
export const NOTHING_APPENDED: AppendedBefore = {
  frame: () => false,
  tick: () => false,
  backfill: () => false,
};
