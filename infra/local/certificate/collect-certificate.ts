import type { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { aggregateOptions } from '../../../functions/aggregate/aggregate-options.ts';
import { windowRules } from '../../../functions/aggregate/window-rules.ts';
import {
  type Certificate,
  isSound,
  type SymbolCertificate,
} from '../../../shared/certificate/certificate.ts';
import type { IdAccount, TimeRange } from '../../../shared/certificate/id-account.ts';
import type { LogReader } from '../../../shared/log/log.ts';
import { type Settings, topicNames } from '../../../shared/settings/settings.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { readTradeState } from '../../../shared/state/trade-state.ts';
import type { MarketSymbol } from '../../../shared/units.ts';
import { readLogAccount } from './log-account.ts';
import { readStoredAccount, type StoredTotals } from './stored-account.ts';

/** What a certificate is worked out from. */
export interface CertificateSources {
  readonly reader: LogReader;
  readonly query: Pick<TimestreamQueryClient, 'send'>;
  /** Null where it belongs to a process that runs. */
  readonly state: StateStore | null;
  readonly settings: Settings;
  /** What the data are of, for a person. */
  readonly feed: string;
  /** A UTC day as `2026-11-21`; all days where it is left out. */
  readonly day?: string;
  readonly nowMs: number;
}

const NO_CANDLES: StoredTotals = {
  counted: 0,
  candles: {
    closed: 0,
    checked: 0,
    equal: 0,
    rounding: 0,
    differs: 0,
    unwitnessed: 0,
    coverage: {},
    rechecked: 0,
    recheck_differs: 0,
  },
};

/** Works the certificate out from log, state and store; no counter of a run is asked. */
export async function collectCertificate(sources: CertificateSources): Promise<Certificate> {
  const { settings, day } = sources;
  const range = day === undefined ? undefined : rangeOfDay(day);
  const log = await readLogAccount({
    reader: sources.reader,
    topics: topicNames(settings),
    watermarkDelayMs: settings.watermarkDelayMs,
    ...(range && { range }),
  });
  const stored = await readStoredAccount({
    client: sources.query,
    database: settings.timestreamDatabase,
    klines: log.klines,
    ...(range && { range }),
  });
  const symbols: SymbolCertificate[] = [];
  for (const [symbol, account] of [...log.accounts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    // A symbol whose trades are not watched has ticks and klines at most.
    if (account.ids.count === 0 && !stored.totals.has(symbol)) continue;
    const { counted, candles } = stored.totals.get(symbol) ?? NO_CANDLES;
    symbols.push({
      symbol,
      ids: account.totals((id) => log.edges.get(symbol)?.get(id)),
      counted,
      state_agrees: range === undefined ? await stateAgrees(sources, symbol, account) : null,
      candles,
    });
  }
  return {
    feed: sources.feed,
    day: day ?? null,
    issued_at: new Date(sources.nowMs).toISOString(),
    sound: symbols.every(isSound),
    symbols,
    latency: {
      exchange_to_ingest: log.exchangeToIngest.summary(),
      ingest_to_log: log.ingestToLog.summary(),
      log_to_validated: log.logToValidated.summary(),
    },
    digest: stored.digest,
  };
}

/** The start and end of a UTC day. */
export function rangeOfDay(day: string): TimeRange {
  const fromUs = Date.parse(`${day}T00:00:00Z`) * 1_000;
  return { fromUs, toUs: fromUs + 86_400_000_000 };
}

/** Whether the hot item knows exactly the ids of the log, down to where it keeps them. */
async function stateAgrees(
  { state, settings }: CertificateSources,
  symbol: MarketSymbol,
  account: IdAccount,
): Promise<boolean | null> {
  const key = `trades#${symbol}`;
  const hot = (await state?.readHot([key]))?.get(key);
  if (hot === undefined) return null;
  const { trades } = aggregateOptions({
    topics: topicNames(settings),
    watermarkDelayMs: settings.watermarkDelayMs,
    keepEvents: false,
  });
  const windows = readTradeState(symbol, windowRules(symbol, trades), hot.bytes);
  const { lowest, highest } = account.ids;
  if (lowest === undefined || highest === undefined) return windows.ids.count === 0;
  const isSame = (a: typeof windows.ids, b: typeof windows.ids): boolean =>
    a
      .ranges()
      .every(({ from, to }) => b.missingWithin(Math.max(from, windows.idFloor, lowest), to).length === 0);
  return isSame(account.ids, windows.ids) && isSame(windows.ids, account.ids);
}
