import { StateTable } from '../../../functions/adapters/dynamodb/state-table.ts';
import { runQuery } from '../../../functions/adapters/timestream/query.ts';
import { LOG_RETENTION_DAYS } from '../../../functions/aggregate/aggregate-options.ts';
import type { Log } from '../../../shared/log/log.ts';
import { topicSpecs } from '../../../shared/log/topics.ts';
import { type Settings, topicNames } from '../../../shared/settings/settings.ts';
import { collectCertificate } from '../../operator/certificate/collect-certificate.ts';
import { keepCertificate } from '../certificate/run-certificate.ts';
import { claimFolder } from '../data-folder/feed-claim.ts';
import { announceInstance, withdrawInstance } from '../data-folder/instance-file.ts';
import { openLog } from '../pipeline/open-log.ts';
import {
  type Pipeline,
  type PipelineOptions,
  STATE_TABLE,
  startPipeline,
} from '../pipeline/start-pipeline.ts';
import type { Recording } from '../recordings/recording.ts';
import { systemClock } from '../system-clock.ts';
import { type ReplayOptions, type ReplayResult, replay } from './replay.ts';
import { type ReplaySummary, type RunSql, rawTotals, storeTotals } from './replay-summary.ts';
import { signalLines } from './signal-lines.ts';
import { StoreClock } from './store-clock.ts';

/** Frames after which a replay at full speed lets the functions catch up, so that the backlog stays bounded. */
const BACKLOG_FRAMES = 20_000;

/** A replay of a recording through the whole pipeline. */
export interface RunReplayOptions {
  readonly recording: Recording;
  /** What the recording is, for a person: its paths. */
  readonly description: string;
  readonly dir: string;
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly speed: number | 'max';
  readonly again: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: ReplayOptions['onProgress'];
  readonly report?: ReplayOptions['report'];
  readonly onStart?: ReplayOptions['onStart'];
  /** Called once the functions run: for lag and store. */
  readonly onPipeline?: (pipeline: Pipeline) => void;
  /** Gets the signals of the folder, a line each, once all is processed. */
  readonly onSignals?: (lines: readonly string[]) => void;
  readonly watch?: Pick<
    PipelineOptions,
    | 'onRows'
    | 'onValidated'
    | 'onAggregated'
    | 'onMismatch'
    | 'onDeadLetters'
    | 'onTopicDifference'
    | 'onError'
  >;
}

/**
 * Replays a recording into a data folder until every record is processed and every window final. Started again
 * on the same folder it goes on where it stopped; a finished one only reports, unless it is fed `again`.
 */
export async function runReplay(options: RunReplayOptions): Promise<ReplaySummary> {
  const { recording, dir, settings, environment } = options;
  const startedMs = performance.now();
  await claimFolder(dir, { kind: 'replay', of: recording.digest, description: options.description });
  const log = await openLog(environment, dir, systemClock);
  try {
    const topics = topicNames(settings);
    await log.ensureTopics(topicSpecs(topics));
    const storeClock = await StoreClock.open(await log.reader(), topics);
    const pipeline = await startPipeline({
      settings,
      dir,
      log,
      clock: systemClock,
      storeClock,
      ...options.watch,
    });
    options.onPipeline?.(pipeline);
    try {
      await announceInstance(dir, {
        pid: process.pid,
        feed: `replay of ${options.description}`,
        timestreamEndpoint: pipeline.timestreamEndpoint,
        healthUrl: null,
        operatorUrl: pipeline.operatorUrl,
        stateEndpoint: pipeline.stateEndpoint,
        startedAt: new Date().toISOString(),
      });
      const result = await feed(options, log, pipeline, storeClock);
      await pipeline.idle();
      options.onSignals?.(
        await signalLines(
          (sql) => runQuery(pipeline.clients.timestreamQuery, sql),
          settings.timestreamDatabase,
        ),
      );
      const summary = await summarise(result, log, pipeline, settings, performance.now() - startedMs);
      await certify(options, log, pipeline);
      return summary;
    } finally {
      await withdrawInstance(dir);
      await pipeline.stop();
    }
  } finally {
    await log.close();
  }
}

/** Leaves the proof of what the folder holds beside it. */
async function certify(options: RunReplayOptions, log: Log, pipeline: Pipeline): Promise<void> {
  const nowMs = (): number => systemClock.nowUs() / 1_000;
  const retentionMs = LOG_RETENTION_DAYS * 86_400_000;
  const certificate = await collectCertificate({
    reader: await log.reader(),
    query: pipeline.clients.timestreamQuery,
    state: new StateTable(pipeline.clients.dynamodb, { table: STATE_TABLE, nowMs, retentionMs }),
    settings: options.settings,
    feed: `replay (${options.description})`,
    nowMs: nowMs(),
  });
  await keepCertificate(options.dir, certificate);
}

async function feed(
  options: RunReplayOptions,
  log: Log,
  pipeline: Pipeline,
  storeClock: StoreClock,
): Promise<ReplayResult> {
  const producer = await log.producer();
  let produced = 0;
  const counted: typeof producer = {
    send: async (records) => {
      const appended = await producer.send(records);
      produced += records.length;
      return appended;
    },
    close: () => producer.close(),
  };
  try {
    return await replay({
      recording: options.recording,
      producer: counted,
      reader: await log.reader(),
      topics: topicNames(options.settings),
      speed: options.speed,
      again: options.again,
      wall: systemClock,
      ...(options.report && { report: options.report }),
      ...(options.onProgress && { onProgress: options.onProgress }),
      ...(options.signal && { signal: options.signal }),
      onStart: (ingest, clock) => {
        storeClock.follow(clock);
        options.onStart?.(ingest, clock);
      },
      onLeftOut: (us) => storeClock.leaveOut(us),
      gate: () => {
        if (produced < BACKLOG_FRAMES) return undefined;
        produced = 0;
        return pipeline.idle();
      },
    });
  } finally {
    await counted.close();
  }
}

function sqlOn(pipeline: Pipeline): RunSql {
  return async (sql) => (await runQuery(pipeline.clients.timestreamQuery, sql)).rows;
}

async function summarise(
  result: ReplayResult,
  log: Log,
  pipeline: Pipeline,
  settings: Settings,
  elapsedMs: number,
): Promise<ReplaySummary> {
  const raw = await rawTotals(await log.reader(), topicNames(settings));
  const store = await storeTotals(sqlOn(pipeline), settings.timestreamDatabase);
  const passes = result.pass + 1;
  return {
    frames: result.framesInLog,
    skipped: result.skipped * passes,
    not_frames: result.notFrames * passes,
    trades: raw.trades,
    quotes: raw.quotes,
    duplicates: raw.duplicates,
    gaps: raw.gaps,
    missing_ids: raw.missingIds,
    dead_letters: store.dead_letters,
    rows: store.rows,
    elapsed_ms: Math.round(elapsedMs),
  };
}
