import type { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { runQuery } from '../../../functions/adapters/timestream/query.ts';
import type { Fetch } from '../../../functions/ingest/rest-client.ts';
import type { MarketSymbol } from '../../../shared/units.ts';
import { isAlive } from '../data-folder/require-free.ts';
import { type RunningInstance, runningInstance } from '../data-folder/running-instance.ts';
import { accepts } from '../query/store-endpoint.ts';
import { logFields } from './log-line.ts';
import { lastLogLines } from './log-tail.ts';

/** What a run's health endpoint accepts; fields that an older run does not tell are missing. */
export interface HealthAnswer {
  readonly status: string;
  readonly reasons: readonly string[];
  readonly sockets: readonly { readonly name: string; readonly open: boolean; readonly reconnects: number }[];
  readonly symbols: readonly {
    readonly symbol: MarketSymbol;
    readonly open_gaps: number;
    readonly age_ms: number | null;
  }[];
  readonly frames: number;
}

/** The newest minute of a symbol, as the store has it. */
export interface StoredMinute {
  readonly symbol: MarketSymbol;
  readonly time: string;
  readonly close: number;
  readonly vwap: number;
  readonly volume: number;
  readonly coverage: string;
}

/** What there is to tell of a data folder. */
export type RunStatus =
  | {
      readonly kind: 'running';
      readonly dir: string;
      readonly instance: RunningInstance;
      /** Null for a replay, which serves no health endpoint, and where it does not answer. */
      readonly health: HealthAnswer | null;
      /** The last status line in `monitor.log`; null before the first. */
      readonly told: Readonly<Record<string, unknown>> | null;
      readonly minutes: readonly StoredMinute[];
    }
  | {
      readonly kind: 'stopped';
      readonly dir: string;
      /** When the last run was last heard of, ISO 8601; null where it left no lines. */
      readonly lastHeard: string | null;
    };

/** What the status is read with. */
export interface StatusDeps {
  readonly fetch: Fetch;
  readonly client: (endpoint: string) => TimestreamQueryClient;
  readonly database: string;
}

const ANSWER_MS = 3_000;
const LINES = 200;

/** Asks the instance that runs on a folder, or finds that none does. */
export async function readRunStatus(dir: string, deps: StatusDeps): Promise<RunStatus> {
  const fields = (await lastLogLines(dir, LINES)).map(logFields).filter((line) => line !== undefined);
  const instance = await runningInstance(dir);
  const runs =
    instance !== undefined &&
    (instance.pid === null || isAlive(instance.pid)) &&
    (await accepts(instance.timestreamEndpoint));
  if (!runs) {
    const time = fields.at(-1)?.time;
    return { kind: 'stopped', dir, lastHeard: typeof time === 'string' ? time : null };
  }
  return {
    kind: 'running',
    dir,
    instance,
    health: instance.healthUrl === null ? null : await askHealth(instance.healthUrl, deps.fetch),
    told: fields.findLast((line) => line.event === 'status') ?? null,
    minutes: await newestMinutes(instance.timestreamEndpoint, deps),
  };
}

/** Whether all is well: what the command's exit code says. */
export function isWell(status: RunStatus): boolean {
  return (
    status.kind === 'running' &&
    status.instance.phase === 'running' &&
    (status.instance.healthUrl === null || status.health?.status === 'ok')
  );
}

async function askHealth(url: string, fetch: Fetch): Promise<HealthAnswer | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    const answer: unknown = await response.json();
    return isHealth(answer) ? answer : null;
  } catch {
    return null;
  }
}

async function newestMinutes(endpoint: string, deps: StatusDeps): Promise<readonly StoredMinute[]> {
  const client = deps.client(endpoint);
  try {
    const { rows } = await runQuery(
      client,
      `SELECT symbol, max(time), max_by(close, time), max_by(vwap, time), max_by(volume, time), max_by(coverage, time)
       FROM "${deps.database}"."candles" WHERE resolution = '1m' GROUP BY symbol ORDER BY symbol`,
    );
    return rows.map(([symbol, time, close, vwap, volume, coverage]) => ({
      symbol: String(symbol),
      time: String(time),
      close: Number(close),
      vwap: Number(vwap),
      volume: Number(volume),
      coverage: String(coverage),
    }));
  } catch {
    // The run may be ending, or has written no candle yet: the status stands without them.
    return [];
  } finally {
    client.destroy();
  }
}

function isHealth(value: unknown): value is HealthAnswer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'status' in value &&
    typeof value.status === 'string' &&
    'reasons' in value &&
    Array.isArray(value.reasons) &&
    'sockets' in value &&
    Array.isArray(value.sockets) &&
    'symbols' in value &&
    Array.isArray(value.symbols) &&
    'frames' in value &&
    typeof value.frames === 'number'
  );
}
