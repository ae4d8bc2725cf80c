import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../../shared/coded-error.ts';
import type { Log, LogReader } from '../../../shared/log/log.ts';
import { type FeedIdentity, feedOfFolder, isFeed } from '../data-folder/feed-claim.ts';

/** What a claim is about. */
export interface TopicClaim {
  readonly log: Log;
  /** Compacted, so that a claim is kept for ever; ingest passes over what is no entry of its ledger. */
  readonly ledgerTopic: string;
  /** The groups whose offsets go with the state in the folder. */
  readonly groups: readonly { readonly groupId: string; readonly topic: string }[];
  /** The data folder, claimed for its feed before. */
  readonly dir: string;
}

/** The record of the ledger topic that names the owner; the keys of ingest's own entries have a slash. */
const CLAIM_KEY = 'claim';
/** In the data folder: the id by which the claim knows it. */
const FOLDER_FILE = 'kafka.json';

interface Owner {
  readonly folder: string;
  readonly feed: FeedIdentity;
}

/**
 * Topics on Kafka outlive a data folder and are shared, while offsets and state belong together. So the first
 * folder claims them for its feed. Another feed is refused with `KAFKA_TOPICS_OTHER_FEED`: it would mix trade
 * ids. A new folder of the same feed takes them over and reads them from their beginning, for its state is
 * empty; a folder that they were taken from is refused with `KAFKA_TOPICS_OTHER_FOLDER`.
 */
export async function claimTopics(claim: TopicClaim): Promise<void> {
  const { log, dir } = claim;
  const feed = await feedOfFolder(dir);
  if (feed === undefined) return;
  const file = join(dir, FOLDER_FILE);
  const known = await folderId(file);
  const owner = await ownerOf(await log.reader(), claim.ledgerTopic);
  if (owner === undefined || owner.folder !== known) {
    if (owner !== undefined) {
      refuseOther(owner, feed, known, claim);
      await rewindGroups(claim);
    }
    const folder = known ?? randomUUID();
    await own(claim, { folder, feed });
    await writeFile(file, `${JSON.stringify({ folder })}\n`);
  }
}

function refuseOther(owner: Owner, feed: FeedIdentity, known: string | undefined, claim: TopicClaim): void {
  const advice =
    'Give this run topics of its own by KAFKA_LEDGER_TOPIC, KAFKA_RAW_TRADES_TOPIC and the other topic settings, ' +
    'or delete the topics.';
  const data = { ledgerTopic: claim.ledgerTopic, holds: owner.feed, asked: feed };
  if (owner.feed.kind !== feed.kind || owner.feed.of !== feed.of)
    throw new CodedError(
      'KAFKA_TOPICS_OTHER_FEED',
      `The topics on Kafka hold another feed: ${owner.feed.kind}, ${owner.feed.description}. ${advice}`,
      { data },
    );
  if (known !== undefined)
    throw new CodedError(
      'KAFKA_TOPICS_OTHER_FOLDER',
      `The topics on Kafka are read by another data folder, which took them over from ${claim.dir}. Use that one, ` +
        `or a new one, which reads them from their beginning. ${advice}`,
      { data },
    );
}

async function ownerOf(reader: LogReader, topic: string): Promise<Owner | undefined> {
  const { first, next } = await reader.bounds(topic, 0);
  let owner: Owner | undefined;
  for (let offset = first; offset < next; ) {
    const records = await reader.read({ topic, partition: 0, offset }, 1_000);
    for (const { key, value } of records)
      if (key?.toString('utf8') === CLAIM_KEY)
        owner = value === null ? undefined : parseOwner(value.toString('utf8'));
    offset = (records.at(-1)?.offset ?? next) + 1;
  }
  return owner;
}

async function own({ log, ledgerTopic }: TopicClaim, owner: Owner): Promise<void> {
  const producer = await log.producer();
  try {
    await producer.send([{ topic: ledgerTopic, key: CLAIM_KEY, value: JSON.stringify(owner), partition: 0 }]);
  } finally {
    await producer.close();
  }
}

/** Sets every group back to the beginning of its topic. */
async function rewindGroups({ log, groups }: TopicClaim): Promise<void> {
  const reader = await log.reader();
  for (const group of groups) {
    const { topic } = group;
    const consumer = await log.consumer(group);
    try {
      const count = await reader.partitions(topic);
      const bounds = await Promise.all(
        Array.from({ length: count }, (_, partition) => reader.bounds(topic, partition)),
      );
      await consumer.commit(bounds.map(({ first }, partition) => ({ topic, partition, next: first })));
    } finally {
      await consumer.close();
    }
  }
}

async function folderId(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const value = text === undefined ? undefined : tryJson(text);
  return isObject(value) && typeof value.folder === 'string' ? value.folder : undefined;
}

function parseOwner(text: string): Owner | undefined {
  const value = tryJson(text);
  if (!isObject(value) || typeof value.folder !== 'string' || !isFeed(value.feed)) return undefined;
  return { folder: value.folder, feed: value.feed };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
