import type { IngestStatus } from '../../../functions/ingest/ingest-status.ts';
import type { TableName } from '../../../shared/tables.ts';
import type { MarketSymbol, Micros, Millis } from '../../../shared/units.ts';
import type { ActiveAlarm } from '../alerting/active-alarms.ts';
import type { RunEvent } from '../run/run-event.ts';

/** What the table shows of a symbol; null where nothing is known yet. */
export interface SymbolView {
  readonly symbol: MarketSymbol;
  readonly price: number | null;
  /** Digits after the point of its prices. */
  readonly priceDecimals: number;
  /** Which way the price last moved. */
  readonly direction: 'up' | 'down' | null;
  /** Of the newest 1 m window. */
  readonly vwap: number | null;
  readonly volume: number | null;
  readonly tradeCount: number | null;
  readonly coverage: string | null;
  /** Trades per second over the last ten seconds of event time. */
  readonly tradesPerSecond: number;
  readonly bid: number | null;
  readonly ask: number | null;
  /** Median of the newest trades: from the exchange's sending to our receiving. */
  readonly latencyMs: Millis | null;
  /** Closes of the newest 10 s windows, oldest first. */
  readonly closes: readonly number[];
}

/** The feed that runs. */
export interface FeedView {
  readonly kind: 'live' | 'simulated' | 'replay';
  /** Such as the stream endpoint, or the recording's paths. */
  readonly description: string;
  /** Why it is this feed, where that needs a word. */
  readonly note: string | null;
}

/** How far a replay is. */
export interface ProgressView {
  readonly frames: number;
  readonly totalFrames: number;
  /** The recording's own time. */
  readonly timeUs: Micros;
  readonly speed: number | 'max';
}

/** What has been written and refused since the start. */
export interface CountsView {
  readonly rows: Readonly<Partial<Record<TableName, number>>>;
  readonly rowsWritten: number;
  readonly rowsPerSecond: number;
  readonly framesPerSecond: number;
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly gaps: { readonly told: number; readonly filled: number; readonly unfillable: number };
  readonly errors: number;
  /** From our receiving of the newest trades to their rows in the store; null in a replay. */
  readonly storeDelayMs: Millis | null;
}

/** Where a run is in its life. */
export type RunPhase = 'running' | 'stopping' | 'stopped' | 'finished';

/** All that the screen and the status lines show at one moment. */
export interface MonitorView {
  readonly feed: FeedView;
  readonly nowUs: Micros;
  readonly upMs: Millis;
  readonly phase: RunPhase;
  readonly symbols: readonly SymbolView[];
  /** Null before ingest runs. */
  readonly ingest: IngestStatus | null;
  /** Records that no function has processed yet; null while unknown. */
  readonly lagRecords: number | null;
  readonly counts: CountsView;
  readonly progress: ProgressView | null;
  readonly dataDir: string;
  readonly storeEndpoint: string | null;
  readonly healthUrl: string | null;
  /** What stays true for the whole run, such as a symbol that the exchange does not know. */
  readonly warnings: readonly string[];
  /** The alarms that are on, the loudest first. */
  readonly alarms: readonly ActiveAlarm[];
  /** The newest last. */
  readonly events: readonly RunEvent[];
}
