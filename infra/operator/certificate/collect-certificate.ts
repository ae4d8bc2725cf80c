import type { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import {
  type Certificate,
  isSound,
  type SymbolCertificate,
} from '../../../shared/certificate/certificate.ts';
import type { TimeRange } from '../../../shared/certificate/id-account.ts';
import { rangeOfDay } from '../../../shared/certificate/range-of-day.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { LogReader } from '../../../shared/log/log.ts';
import { type Settings, topicNames } from '../../../shared/settings/settings.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { awaitFold } from './await-fold.ts';
import { type LogAccount, readLogAccount } from './log-account.ts';
import { stateAgreement } from './state-agreement.ts';
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
  /**
   * Where the pipeline runs on: the time that its log holds whole, which the certificate is then about. State and
   * store are read when the fold has taken up what the log was seen to hold.
   */
  readonly running?: { readonly range: TimeRange; readonly clock: Clock };
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
  const { settings, day, running } = sources;
  const range = running?.range ?? (day === undefined ? undefined : rangeOfDay(day));
  const log = await readLogAccount({
    reader: sources.reader,
    topics: topicNames(settings),
    watermarkDelayMs: settings.watermarkDelayMs,
    ...(range && { range }),
  });
  const agreements = await agreementsOf(sources, log);
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
      state_agrees: agreements.get(symbol) ?? null,
      candles,
    });
  }
  return {
    feed: sources.feed,
    day: day ?? null,
    from: running === undefined ? null : iso(running.range.fromUs),
    to: running === undefined ? null : iso(running.range.toUs),
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

/** Whether the state knows the ids of the log, by symbol; without those of which it cannot be told. */
async function agreementsOf(
  { state, settings, day, running }: CertificateSources,
  { accounts }: LogAccount,
): Promise<ReadonlyMap<string, boolean>> {
  if (state === null) return new Map();
  if (running !== undefined) {
    return awaitFold({ state, settings, accounts, toUs: running.range.toUs, clock: running.clock });
  }
  const agreements = new Map<string, boolean>();
  // The state knows all days at once.
  if (day !== undefined) return agreements;
  for (const [symbol, account] of accounts) {
    const found = await stateAgreement(state, settings, symbol, account, false);
    if (found !== undefined) agreements.set(symbol, found.isSame);
  }
  return agreements;
}

function iso(us: number): string {
  return new Date(us / 1_000).toISOString();
}
