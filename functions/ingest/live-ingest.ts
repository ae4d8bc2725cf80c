import type { Clock } from '../../shared/clock.ts';
import { CodedError } from '../../shared/coded-error.ts';
import type { Log, LogReader } from '../../shared/log/log.ts';
import type { MetricsPort } from '../../shared/metrics/function-metrics.ts';
import { type Settings, topicNames } from '../../shared/settings/settings.ts';
import type { Micros } from '../../shared/units.ts';
import { AuditResponder } from './audit-responder.ts';
import { checkSymbols } from './check-symbols.ts';
import { type HealthServer, serveHealth } from './health-server.ts';
import { type IngestHandle, startIngest } from './ingest.ts';
import { liveConfig } from './ingest-config.ts';
import { IngestMetrics } from './ingest-metrics.ts';
import type { IngestReport } from './ingest-report.ts';
import { type IngestStatus, ingestStatus } from './ingest-status.ts';
import { planStarts } from './plan-starts.ts';
import { ReachBack } from './reach-back.ts';
import { type Fetch, RestClient } from './rest-client.ts';
import { RestRepair } from './rest-repair.ts';
import { readLedgers } from './resume.ts';
import type { StreamSource } from './stream-source.ts';

/** What a live ingest runs on. */
export interface LiveIngestDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
  readonly source: StreamSource;
  readonly fetch: Fetch;
  readonly report: (report: IngestReport) => void;
  /** Takes a line of metrics every 10 s, and at once what cannot wait. */
  readonly emitMetrics?: MetricsPort['emit'];
  /** Where the health endpoint listens. @default all interfaces */
  readonly healthHost?: string;
  /** What serves health; a run on a virtual clock has no port. @default an HTTP server */
  readonly serveHealth?: typeof serveHealth;
}

/** A live ingest with everything around it. */
export interface LiveIngest {
  readonly ingest: IngestHandle;
  readonly health: HealthServer;
  /** How missing trades are repaired now. */
  readonly repairMode: () => string;
  readonly status: () => { readonly status: IngestStatus; readonly ready: boolean };
  /** Drains and closes; the log stays open, it belongs to the caller. */
  stop(): Promise<void>;
}

/** Where aggregates come from when Binance.com refuses. */
const AGGREGATES_URL = 'https://data-api.binance.vision';

/**
 * Starts ingest on a live feed: checks the symbols, takes up the ledger, and then opens the sockets. The same for
 * Fargate and the local run. Fails with `NO_SYMBOL` where the exchange knows none of the symbols, and with
 * `PORT_TAKEN`.
 */
export async function startLiveIngest(settings: Settings, deps: LiveIngestDeps): Promise<LiveIngest> {
  const { clock, log } = deps;
  let metrics: IngestMetrics | undefined;
  const report = (told: IngestReport): void => {
    deps.report(told);
    metrics?.report(told);
  };
  const topics = topicNames(settings);
  const client = (baseUrl: string): RestClient => new RestClient({ baseUrl, clock, fetch: deps.fetch });
  const rest = client(settings.restUrl);
  const isDefault = settings.restUrl === 'https://api.binance.com';
  const aggregates = isDefault ? client(AGGREGATES_URL) : rest;

  const verdicts = await checkSymbols(aggregates, settings.symbols);
  for (const { symbol, message } of verdicts)
    if (message !== null) report({ kind: 'symbol', symbol, message });
  const symbols = verdicts.filter((verdict) => verdict.isKnown).map((verdict) => verdict.symbol);
  if (symbols.length === 0)
    throw new CodedError(
      'NO_SYMBOL',
      `The exchange knows none of ${settings.symbols.join(', ')}. Check SYMBOLS.`,
    );

  const config = liveConfig({
    symbols,
    streams: settings.streams,
    streamUrl: settings.streamUrl,
    microseconds: settings.timeUnit === 'MICROSECOND',
    topics,
    reconnectDelayMs: settings.reconnectDelayS * 1_000,
    maxReconnectDelayMs: settings.maxReconnectDelayS * 1_000,
    gapWaitMs: settings.gapWaitMs,
  });
  const { rules } = config;
  const reader = await log.reader();
  const rawOffsets = await endOf(reader, topics.rawTrades);
  const resumed = await readLedgers({
    reader,
    ledgerTopic: topics.ledger,
    rawTradesTopic: topics.rawTrades,
    symbols,
    rules,
  });
  const exchangeTimeUs = async (): Promise<Micros | undefined> =>
    serverTimeUs(await aggregates.get('/api/v3/time'));
  const watchesTrades = settings.streams.includes('trade');
  const starts = await planStarts({
    symbols: watchesTrades ? symbols : [],
    resumed,
    resumeBoundUs: settings.resumeBoundS * 1_000_000,
    nowUs: (await exchangeTimeUs()) ?? clock.nowUs(),
    rest: aggregates,
    rules,
    report,
  });

  const repair = new RestRepair({
    clock,
    rules,
    trades: rest,
    aggregates,
    onFallback: (refusal) =>
      report({
        kind: 'repair-fallback',
        message: `${refusal.message} Missing trades now come ${repair.mode}.`,
      }),
  });
  const producer = await log.producer();
  const ingest = await startIngest(config, {
    clock,
    random: deps.random,
    source: deps.source,
    producer,
    repair,
    exchangeTimeUs,
    starts,
    ledger: { task: settings.ingestTask, rawOffsets },
    report,
  });
  if (deps.emitMetrics !== undefined) {
    // All symbols of the settings, also those that the exchange does not know: alarms stand on the first 20 of these.
    const port = {
      emit: deps.emitMetrics,
      nowMs: () => clock.nowUs() / 1_000,
      symbols: settings.symbols,
      namespace: settings.metricNamespace,
    };
    metrics = new IngestMetrics(ingest, { clock, port });
  }
  const reachBack = new ReachBack({
    clock,
    rest: aggregates,
    rules,
    lanes: ingest.intake.tradeLanes,
    onReached: ingest.probe,
  });
  if (watchesTrades) reachBack.start(symbols);
  let failed = false;
  ingest.done.catch(() => {
    failed = true;
  });
  const status = (): ReturnType<typeof ingestStatus> => ingestStatus(ingest, clock.nowUs(), failed);
  let health: HealthServer;
  try {
    health = await (deps.serveHealth ?? serveHealth)({
      port: settings.healthPort,
      ...(deps.healthHost !== undefined && { host: deps.healthHost }),
      read: status,
    });
  } catch (error) {
    metrics?.stop();
    await ingest.stop();
    await producer.close();
    throw error;
  }
  const audits = new AuditResponder({
    consumer: await log.consumer({ groupId: 'ingest', topic: topics.audits }),
    rest: aggregates,
    clock,
    append: (symbol, bytes) => ingest.intake.acceptBackfill(symbol, bytes),
    flushed: () => ingest.queues.trades.barrier(),
    report,
  });
  audits.start();
  return {
    ingest,
    health,
    status,
    repairMode: () => repair.mode,
    stop: async () => {
      metrics?.stop();
      reachBack.stop();
      await audits.stop();
      await ingest.stop();
      await health.close();
      await producer.close();
    },
  };
}

async function endOf(reader: LogReader, topic: string): Promise<readonly number[]> {
  const ends: number[] = [];
  for (let partition = 0; partition < (await reader.partitions(topic)); partition += 1)
    ends.push((await reader.bounds(topic, partition)).next);
  return ends;
}

function serverTimeUs(answer: Awaited<ReturnType<RestClient['get']>>): Micros | undefined {
  if (answer.kind !== 'answer') return undefined;
  const found = /"serverTime"\s*:\s*(\d{13,16})\b/.exec(answer.body.toString('utf8'));
  if (found?.[1] === undefined) return undefined;
  return Number(found[1]) * (found[1].length > 13 ? 1 : 1_000);
}
