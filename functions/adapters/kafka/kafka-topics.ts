import kafkajs, { type Admin } from 'kafkajs';
import type { TopicSpec } from '../../../shared/log/log.ts';
import { topicDifferences } from '../../../shared/log/topic-differences.ts';
import { hasType, toLogError } from './kafka-errors.ts';

const MAX_REPLICAS = 3;
/** How long a broker may take to have made a topic. */
const CREATE_TIMEOUT_MS = 30_000;

/** Creates what is missing and tells, in words, what of the existing topics is otherwise than asked. */
export async function ensureKafkaTopics(
  admin: Admin,
  topics: readonly TopicSpec[],
  brokers: string,
): Promise<readonly string[]> {
  try {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ name }) => !existing.has(name));
    const present = topics.filter(({ name }) => existing.has(name));
    if (missing.length > 0) await createTopics(admin, missing);
    return await differences(admin, present);
  } catch (error) {
    const topic = topics.map(({ name }) => name).join(', ');
    throw toLogError(error, { what: 'create or check the topics', topic, brokers });
  }
}

async function createTopics(admin: Admin, topics: readonly TopicSpec[]): Promise<void> {
  const { brokers } = await admin.describeCluster();
  try {
    await admin.createTopics({
      timeout: CREATE_TIMEOUT_MS,
      waitForLeaders: true,
      topics: topics.map((topic) => ({
        topic: topic.name,
        numPartitions: topic.partitions,
        replicationFactor: Math.min(MAX_REPLICAS, brokers.length),
        configEntries: Array.from(configOf(topic), ([name, value]) => ({ name, value })),
      })),
    });
  } catch (error) {
    // Another process was faster; the check at the next start tells where it has other ideas.
    if (!hasType(error, 'TOPIC_ALREADY_EXISTS')) throw error;
  }
}

async function differences(admin: Admin, topics: readonly TopicSpec[]): Promise<readonly string[]> {
  if (topics.length === 0) return [];
  const metadata = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map(({ name }) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      configNames: ['retention.ms', 'retention.bytes', 'cleanup.policy'],
    })),
  });
  return topics.flatMap((wanted) => {
    const partitions = metadata.topics.find(({ name }) => name === wanted.name)?.partitions.length ?? 0;
    const entries = resources.find(({ resourceName }) => resourceName === wanted.name)?.configEntries ?? [];
    const config = (name: string) => entries.find((entry) => entry.configName === name)?.configValue;
    const bytes = Number(config('retention.bytes') ?? -1);
    return topicDifferences(wanted, {
      name: wanted.name,
      partitions,
      retentionMs: Number(config('retention.ms') ?? -1),
      ...(bytes < 0 ? {} : { retentionBytes: bytes }),
      compacted: config('cleanup.policy')?.includes('compact') ?? false,
    });
  });
}

function configOf(topic: TopicSpec): ReadonlyMap<string, string> {
  const config = new Map([
    ['cleanup.policy', topic.compacted ? 'compact' : 'delete'],
    ['retention.ms', String(topic.retentionMs)],
  ]);
  if (topic.retentionBytes !== undefined) config.set('retention.bytes', String(topic.retentionBytes));
  return config;
}
