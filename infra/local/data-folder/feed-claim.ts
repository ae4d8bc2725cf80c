import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../../shared/coded-error.ts';

/** The feeds that a data folder can belong to. */
export type FeedKind = 'live' | 'simulated' | 'replay';

/** What a data folder holds: one feed, and of a replay or a simulation which. */
export interface FeedIdentity {
  readonly kind: FeedKind;
  /**
   * The digest of a recording's inputs, symbols and streams; the seed of a simulation; the host of a live feed
   * whose trade ids are not those of Binance.com, else null.
   */
  readonly of: string | null;
  /** For a person: the paths of a recording, the endpoint of a live feed. */
  readonly description: string;
}

const FEED_FILE = 'feed.json';

/** The seed of the simulated market that has the folder `simulated`. */
export const DEFAULT_SEED = 1;

/** The folder that a feed has when none is named. */
export function defaultFolder(feed: Pick<FeedIdentity, 'kind' | 'of'>, root = '.data'): string {
  if (feed.kind === 'replay') return join(root, 'replay', (feed.of ?? '').slice(0, 8));
  const isUsual = feed.of === null || (feed.kind === 'simulated' && feed.of === String(DEFAULT_SEED));
  return join(root, isUsual ? feed.kind : `${feed.kind}-${feed.of}`);
}

/**
 * Records that a folder belongs to a feed, or finds that it does. A folder of another feed is refused with
 * `DATA_FOLDER_OTHER_FEED`, which names the folder to use: two feeds in one would mix their trade ids.
 */
export async function claimFolder(dir: string, feed: FeedIdentity): Promise<void> {
  await mkdir(dir, { recursive: true });
  const known = await feedOfFolder(dir);
  if (known === undefined) {
    // By way of another name, so that a process that is killed here leaves no half of it.
    const written = join(dir, `${FEED_FILE}.new`);
    await writeFile(written, `${JSON.stringify(feed, null, 2)}\n`);
    await rename(written, join(dir, FEED_FILE));
    return;
  }
  if (known.kind === feed.kind && known.of === feed.of) return;
  throw new CodedError(
    'DATA_FOLDER_OTHER_FEED',
    `${dir} holds ${named(known)}, not ${named(feed)}. Use another folder, such as --data ${defaultFolder(feed)}.`,
    { data: { dir, holds: known, asked: feed } },
  );
}

/** The feed that a folder belongs to; undefined where it is new. Fails with `DATA_FOLDER_UNREADABLE`. */
export async function feedOfFolder(dir: string): Promise<FeedIdentity | undefined> {
  let text: string;
  try {
    text = await readFile(join(dir, FEED_FILE), 'utf8');
  } catch {
    return undefined;
  }
  const found: unknown = tryJson(text);
  if (isFeed(found)) return found;
  throw new CodedError(
    'DATA_FOLDER_UNREADABLE',
    `${join(dir, FEED_FILE)} is not what the monitor wrote there. Restore it, or use another folder.`,
    { data: { dir } },
  );
}

function named(feed: FeedIdentity): string {
  return `${feed.kind === 'replay' ? 'a replay' : `the ${feed.kind} feed`} (${feed.description})`;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a value read back is a feed's identity. */
export function isFeed(value: unknown): value is FeedIdentity {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    (value.kind === 'live' || value.kind === 'simulated' || value.kind === 'replay') &&
    'of' in value &&
    (value.of === null || typeof value.of === 'string') &&
    'description' in value &&
    typeof value.description === 'string'
  );
}
