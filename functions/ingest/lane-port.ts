import type { GapChange } from '../../shared/events/tick.ts';
import type { Gap } from '../../shared/ledger/gap.ts';
import type { OutgoingRecord } from '../../shared/log/log.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';
import type { NewTick } from './appended-before.ts';

/** A frame on its way through a lane; `record` is null where the log has it already. */
export interface LaneEntry {
  /** The trade id that decides its place; null for what follows the trades. */
  readonly tradeId: number | null;
  /** The exchange's time; null where it has none. */
  readonly exchangeUs: Micros | null;
  readonly record: OutgoingRecord | null;
}

/** What a lane needs of ingest. */
export interface LanePort {
  /** Hands a record to the log's queue. */
  deliver(record: OutgoingRecord): void;
  /** Appends a tick. */
  tick(tick: Pick<NewTick, 'symbol' | 'feed' | 'timeUs' | 'contiguousId'> & Partial<NewTick>): void;
  /** Ids are missing and should be fetched; false where nothing can. */
  requestRepair(gap: Gap): boolean;
  /** For the report: ids are missing, came, or will not come. */
  gapChanged(symbol: MarketSymbol, change: GapChange): void;
  /** A trade's id is too far above the highest: it is in the log, and counts once another one near it came. */
  idDoubted(symbol: MarketSymbol, id: number): void;
  /** The exchange counts this symbol's trades anew. */
  idsReset(symbol: MarketSymbol): void;
}

/** How long newer trades wait behind missing ones. */
export interface WaitLimits {
  /** How long a missing id may come by itself before it is a gap: two sockets overlap, frames swap. @default 200 */
  readonly graceMs: number;
  /** How long newer trades of the symbol wait behind a gap. @default 10,000 */
  readonly maxMs: number;
  /** How many records of the symbol wait. @default 20,000 */
  readonly maxRecords: number;
}

/** How a lane begins. */
export interface LaneStart {
  /** The watch session was opened by an earlier run. @default false */
  readonly began?: boolean;
  /** The session reaches back to here, before the first frame. @default the time of the first frame */
  readonly beganUs?: Micros;
  /** An earlier run never learned the first trade since then. @default it is known */
  readonly reachUs?: Micros;
  /** Before its first frame: the watch was to begin no later than this, for the start after this one. */
  readonly plannedUs?: Micros;
}
