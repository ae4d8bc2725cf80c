import type { IdTotals } from './id-account.ts';
import type { LatencySummary } from './percentiles.ts';

/** The 1-minute candles of a symbol: verdicts of the `audit` column, and a second look at the stored rows. */
export interface CandleTotals {
  /** Final minutes with a trade. */
  readonly closed: number;
  /** Those that were held against the exchange's kline: `equal` + `rounding` + `differs`. */
  readonly checked: number;
  readonly equal: number;
  readonly rounding: number;
  readonly differs: number;
  readonly unwitnessed: number;
  /** Final minutes by their coverage. */
  readonly coverage: Readonly<Record<string, number>>;
  /** Klines in the log that were held against the stored row again; of them not equal, `rounding` aside. */
  readonly rechecked: number;
  readonly recheck_differs: number;
}

/** All that is said of one symbol. */
export interface SymbolCertificate {
  readonly symbol: string;
  readonly ids: IdTotals;
  /** The sum of `trade_count` over the 10-second candles; equal to the ids in the log, each was counted once. */
  readonly counted: number;
  /** Whether the state knows exactly the ids of the log; null where the state could not be read. */
  readonly state_agrees: boolean | null;
  readonly candles: CandleTotals;
}

/** Proof of what a data folder or a deployment holds, worked out from its log, its state and its store. */
export interface Certificate {
  readonly feed: string;
  /** The UTC day that it is about; null for everything. */
  readonly day: string | null;
  /** Of a pipeline that runs on: the time that it is about, ISO 8601, the end not included; else null. */
  readonly from: string | null;
  readonly to: string | null;
  readonly issued_at: string;
  /** Nothing is missing or untold, nothing was counted twice, and every candle that could be checked is equal. */
  readonly sound: boolean;
  readonly symbols: readonly SymbolCertificate[];
  /** Time from hop to hop; null where the feed does not tell it. */
  readonly latency: {
    readonly exchange_to_ingest: LatencySummary | null;
    readonly ingest_to_log: LatencySummary | null;
    readonly log_to_validated: LatencySummary | null;
  };
  /** SHA-256: of the candles' market columns, and of all columns of candles, spreads and signals. */
  readonly digest: { readonly market: string; readonly rows: string };
}

/** Whether a symbol's account holds all that is promised. */
export function isSound(symbol: SymbolCertificate): boolean {
  const { ids, candles } = symbol;
  return (
    ids.missing === 0 &&
    ids.untold === 0 &&
    symbol.counted === ids.received + ids.repaired &&
    symbol.state_agrees !== false &&
    candles.differs === 0 &&
    candles.recheck_differs === 0
  );
}
