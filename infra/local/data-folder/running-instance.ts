import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../../shared/coded-error.ts';
import { DATABASE_FILE } from '../timestream/duck.ts';

/** The file by which a running instance tells where it is, in its data folder. */
export const INSTANCE_FILE = 'instance.json';
/** The folder of the store inside a data folder. */
export const STORE_FOLDER = 'timestream';

/** What a query needs to know of the instance that runs on a folder. */
export interface RunningInstance {
  readonly pid: number | null;
  readonly timestreamEndpoint: string;
  /** What runs, for a person; null where the entry does not say. */
  readonly feed: string | null;
  /** Null where no health endpoint is served. */
  readonly healthUrl: string | null;
  readonly phase: 'starting' | 'running';
  /** ISO 8601; null where the entry does not say. */
  readonly startedAt: string | null;
  /** Where it takes an operator's commands; null of an instance that takes none. */
  readonly operatorUrl: string | null;
  /** DynamoDB with the state and the mutes; null where the entry does not say. */
  readonly stateEndpoint: string | null;
}

/** The instance that says it runs on the folder; undefined where none does or the file is unreadable. */
export async function runningInstance(dataDir: string): Promise<RunningInstance | undefined> {
  let entry: unknown;
  try {
    entry = JSON.parse(await readFile(join(dataDir, INSTANCE_FILE), 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof entry !== 'object' || entry === null || !('timestreamEndpoint' in entry)) return undefined;
  if (typeof entry.timestreamEndpoint !== 'string') return undefined;
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    pid: 'pid' in entry && typeof entry.pid === 'number' ? entry.pid : null,
    timestreamEndpoint: entry.timestreamEndpoint,
    feed: 'feed' in entry ? text(entry.feed) : null,
    healthUrl: 'healthUrl' in entry ? text(entry.healthUrl) : null,
    phase: 'phase' in entry && entry.phase === 'starting' ? 'starting' : 'running',
    operatorUrl: 'operatorUrl' in entry ? text(entry.operatorUrl) : null,
    stateEndpoint: 'stateEndpoint' in entry ? text(entry.stateEndpoint) : null,
    startedAt: 'startedAt' in entry ? text(entry.startedAt) : null,
  };
}

/** The folder exists, or `DATA_FOLDER_MISSING`. */
export async function requireFolder(dataDir: string): Promise<void> {
  const found = await stat(dataDir).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new CodedError(
      'DATA_FOLDER_MISSING',
      `There is no folder ${dataDir}. Name the one of a run with --data.`,
    );
  }
}

/**
 * The data folder below `root` (`.data`) that was used last: that of a feed, or of one replay. Fails with
 * `DATA_FOLDER_MISSING` where nothing has run yet.
 */
export async function latestDataFolder(root: string): Promise<string> {
  const candidates = [...(await foldersIn(root)), ...(await foldersIn(join(root, 'replay')))];
  let latest: { readonly dir: string; readonly usedMs: number } | undefined;
  for (const dir of candidates) {
    const usedMs = await usedAt(dir);
    if (usedMs !== undefined && (latest === undefined || usedMs > latest.usedMs)) latest = { dir, usedMs };
  }
  if (latest === undefined) {
    throw new CodedError(
      'DATA_FOLDER_MISSING',
      `There is no data in ${root} yet. Start the monitor first, or name a folder with --data.`,
    );
  }
  return latest.dir;
}

async function foldersIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(dir, entry.name));
}

/** When the folder's store or instance file last changed; undefined for a folder that has neither. */
async function usedAt(dir: string): Promise<number | undefined> {
  const files = [
    join(dir, INSTANCE_FILE),
    join(dir, STORE_FOLDER, DATABASE_FILE),
    join(dir, STORE_FOLDER, `${DATABASE_FILE}.wal`),
  ];
  const times = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => undefined,
      ),
    ),
  );
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
