import { type LiveIngest, startLiveIngest } from '../../../functions/ingest/live-ingest.ts';
import type { StreamSource } from '../../../functions/ingest/stream-source.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { Log } from '../../../shared/log/log.ts';
import { LOG_ERRORS } from '../../../shared/log/log-errors.ts';
import type { Settings } from '../../../shared/settings/settings.ts';
import { announceInstance, withdrawInstance } from '../data-folder/instance-file.ts';
import { openLog } from '../pipeline/open-log.ts';
import { type Pipeline, startPipeline } from '../pipeline/start-pipeline.ts';
import { systemClock } from '../system-clock.ts';
import { isPortFree } from './free-port.ts';
import type { RunObserver } from './run-observer.ts';
import { startSimulatedExchange } from './simulated-exchange.ts';

/** A live or simulated feed to be run. */
export interface FeedRun {
  readonly kind: 'live' | 'simulated';
  /** For the instance file. */
  readonly description: string;
  readonly seed: number;
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Claimed for this feed. */
  readonly dir: string;
  /** Whether the user named HEALTH_PORT: then another is not taken in its stead. */
  readonly isPortNamed: boolean;
  readonly source: StreamSource;
  readonly observer: RunObserver;
  /** Ends the run. */
  readonly signal: AbortSignal;
}

/** How long the functions may go on with what is in the log already, once the feed is closed. */
const DRAIN_MS = 5_000;
const LOG_ATTEMPTS = 12;
const LOG_RETRY_MS = 250;

/**
 * Runs the whole pipeline on a feed until `signal`: log, functions, state and store, and ingest on real sockets.
 * Then the feed is closed, what was received is drained, and everything is given back, in that order. Fails with
 * what the log says where it refuses records for good, and with the codes of what it starts.
 */
export async function runFeed(run: FeedRun): Promise<void> {
  const { dir, observer, environment } = run;
  await using undo = new AsyncDisposableStack();
  const log = await openFreeLog(environment, dir);
  undo.defer(() => log.close());
  // Until the store is closed, queries must come to this process.
  undo.defer(() => withdrawInstance(dir));
  const pipeline = await startPipeline({
    settings: run.settings,
    dir,
    log,
    clock: systemClock,
    alerting: observer.alerting(environment),
    ...observer.watch,
  });
  undo.defer(() => pipeline.stop());
  undo.defer(() => drained(pipeline));
  observer.board.storeEndpoint = pipeline.timestreamEndpoint;
  const entry = {
    pid: process.pid,
    feed: run.description,
    timestreamEndpoint: pipeline.timestreamEndpoint,
    operatorUrl: pipeline.operatorUrl,
    stateEndpoint: pipeline.stateEndpoint,
    startedAt: new Date().toISOString(),
  };
  // From here on the store is open, and queries must come to this process.
  await announceInstance(dir, { ...entry, phase: 'starting', healthUrl: null });

  const settings = await reachable(run, undo);
  const live = await startLiveIngest(
    { ...settings, healthPort: await healthPort(run) },
    {
      log,
      clock: systemClock,
      random: Math.random,
      source: run.source,
      fetch,
      report: (report) => observer.report(report),
      healthHost: '127.0.0.1',
      ...(pipeline.emitMetrics && { emitMetrics: pipeline.emitMetrics }),
    },
  );
  undo.defer(() => live.stop());
  const healthUrl = `http://127.0.0.1:${live.health.port}/health`;
  observer.board.healthUrl = healthUrl;
  observer.attach({
    status: () => live.status().status,
    lagRecords: async () => (await pipeline.lag()).reduce((sum, { records }) => sum + records, 0),
    progress: () => null,
    alarms: () => pipeline.alarms(),
  });
  await announceInstance(dir, { ...entry, phase: 'running', healthUrl });
  observer.event('info', 'started', `Running ${run.description} on ${dir}.`, {
    data_dir: dir,
    store: pipeline.timestreamEndpoint,
    health: healthUrl,
  });
  await ended(live, pipeline, run.signal);
  observer.stopping();
}

/** The log, as soon as a process that is just ending has let it go. */
async function openFreeLog(environment: FeedRun['environment'], dir: string): Promise<Log> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openLog(environment, dir, systemClock);
    } catch (error) {
      const isInUse = error instanceof CodedError && error.code === LOG_ERRORS.inUse;
      if (!isInUse || attempt >= LOG_ATTEMPTS) throw error;
    }
    await new Promise<void>((resolve) => {
      systemClock.after(LOG_RETRY_MS, resolve);
    });
  }
}

/** The settings that lead to the exchange; the simulated one is started for them. */
async function reachable(run: FeedRun, undo: AsyncDisposableStack): Promise<Settings> {
  if (run.kind === 'live') return run.settings;
  const { exchange, settings } = await startSimulatedExchange(run.settings, run.seed, systemClock);
  undo.defer(() => exchange.close());
  return settings;
}

async function healthPort(run: FeedRun): Promise<number> {
  const { healthPort: port } = run.settings;
  if (run.isPortNamed || (await isPortFree(port))) return port;
  run.observer.event(
    'info',
    'health-port',
    `Port ${port} is taken, so the health endpoint has a free one. HEALTH_PORT names another.`,
  );
  return 0;
}

/** Resolves at the signal; rejects where the log refuses records, or a function, for good. */
function ended(live: LiveIngest, pipeline: Pipeline, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    live.ingest.done.then(resolve, reject);
    pipeline.failed.catch(reject);
  });
}

async function drained(pipeline: Pipeline): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = systemClock.after(DRAIN_MS, resolve);
    // What is left is in the log, and the next start goes on with it.
    pipeline
      .idle()
      .catch(() => {})
      .finally(() => {
        timer.cancel();
        resolve();
      });
  });
}
