import type { Admin, Kafka } from 'kafkajs';
import type { Clock } from '../../../shared/clock.ts';
import type { Log, LogConsumer } from '../../../shared/log/log.ts';
import { logClosed, unknownTopic } from '../../../shared/log/log-errors.ts';
import type { KafkaSettings } from '../../../shared/settings/kafka-settings.ts';
import { type AskMsk, bootstrapBrokers } from './bootstrap-brokers.ts';
import { compressionType } from './codecs.ts';
import { giveUp } from './give-up.ts';
import { createKafkaClient, type KafkaClientDeps } from './kafka-client.ts';
import { KafkaLogConsumer } from './kafka-consumer.ts';
import { toLogError } from './kafka-errors.ts';
import { KafkaLogProducer } from './kafka-producer.ts';
import { KafkaLogReader } from './kafka-reader.ts';
import { ensureKafkaTopics } from './kafka-topics.ts';
import { createCluster, type FetchingCluster } from './kafkajs-internals.ts';
import { retried } from './retried.ts';
import { type LaneSettings, TopicLane } from './topic-lane.ts';

/** What a Kafka log works with beside its settings. */
export interface KafkaLogDeps extends KafkaClientDeps {
  /** Wall time. */
  readonly clock: Clock;
  /** `askMsk` of `ask-msk.ts`, wherever `MSK_CLUSTER_ARN` may be set. */
  readonly askMsk?: AskMsk;
  /** A member that is silent for this long is taken to be dead. @default 20000 */
  readonly sessionTimeoutMs?: number;
  /** How long a batch is tried before its sends are told. @default 120000 */
  readonly deliveryTimeoutMs?: number;
}

const BATCH_BYTES = 2 * 1024 * 1024;
/** Below `message.max.bytes`, which is 1,048,588 where nobody changed it. */
const PARTITION_BYTES = 950_000;
const PARTITION_RECORDS = 1000;
const QUEUE_BYTES = 64 * 1024 * 1024;
const DELIVERY_TIMEOUT_MS = 120_000;

/**
 * Opens the log on Kafka: finds the brokers, connects and logs in once, so that a wrong address or a refused
 * login is told here, by code and in a sentence that names the setting.
 */
export async function openKafkaLog(settings: KafkaSettings, deps: KafkaLogDeps): Promise<Log> {
  const servers = await bootstrapBrokers(settings, deps.askMsk);
  const brokers = servers.join(',');
  const kafka = createKafkaClient(settings, servers, deps);
  const cluster = createCluster(kafka);
  try {
    await cluster.connect();
  } catch (error) {
    await giveUp(cluster);
    throw toLogError(error, { what: 'connect to Kafka', brokers });
  }
  return new KafkaLog({ kafka, cluster, brokers, settings, deps });
}

interface KafkaLogParts {
  readonly kafka: Kafka;
  /** Connected. */
  readonly cluster: FetchingCluster;
  readonly brokers: string;
  readonly settings: KafkaSettings;
  readonly deps: KafkaLogDeps;
}

class KafkaLog implements Log {
  readonly #parts: KafkaLogParts;
  readonly #partitions = new Map<string, number>();
  readonly #open = new Set<{ close(): Promise<void> }>();
  #admin: Promise<Admin> | undefined;
  #isClosed = false;

  constructor(parts: KafkaLogParts) {
    this.#parts = parts;
  }

  async ensureTopics(topics: Parameters<Log['ensureTopics']>[0]): Promise<readonly string[]> {
    return ensureKafkaTopics(await this.#connectedAdmin(), topics, this.#parts.brokers);
  }

  async producer(): Promise<KafkaLogProducer> {
    this.#assertOpen();
    const { kafka, brokers, deps } = this.#parts;
    const settings = this.#laneSettings();
    const createProducer = () =>
      kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        // The partition was chosen before: the same on every log.
        createPartitioner:
          () =>
          ({ message }) =>
            message.partition ?? 0,
      });
    const producer = new KafkaLogProducer({
      partitions: (topic) => this.#partitionsOf(topic),
      lane: (topic) => new TopicLane({ createProducer, clock: deps.clock, topic, brokers, settings }),
    });
    this.#open.add(producer);
    return producer;
  }

  async reader(): Promise<KafkaLogReader> {
    this.#assertOpen();
    const { cluster, brokers, deps } = this.#parts;
    const admin = await this.#connectedAdmin();
    const partitions = (topic: string) => this.#partitionsOf(topic);
    return new KafkaLogReader({ admin, brokers, clock: deps.clock, cluster, partitions });
  }

  async consumer(options: { readonly groupId: string; readonly topic: string }): Promise<LogConsumer> {
    this.#assertOpen();
    const { kafka, brokers, deps } = this.#parts;
    const { clock, sessionTimeoutMs } = deps;
    const admin = await this.#connectedAdmin();
    const consumer = await KafkaLogConsumer.join({
      ...options,
      kafka,
      admin,
      brokers,
      clock,
      partitions: await this.#partitionsOf(options.topic),
      coordinatorError: (groupId) => this.#coordinatorError(groupId),
      ...(sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }),
    });
    this.#open.add(consumer);
    return consumer;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all(Array.from(this.#open, (part) => part.close()));
    await giveUp(this.#parts.cluster);
    await giveUp(this.#admin);
  }

  async #partitionsOf(topic: string): Promise<number> {
    const known = this.#partitions.get(topic);
    if (known !== undefined) return known;
    const { cluster, brokers, deps } = this.#parts;
    const work = async () => {
      if (!cluster.isConnected()) await cluster.connect();
      await cluster.addTargetTopic(topic);
      return cluster.findTopicPartitionMetadata(topic).length;
    };
    const what = 'look up the topic';
    const count = await retried({ cluster, clock: deps.clock, brokers, topic, what, work });
    if (count === 0) throw unknownTopic(topic);
    this.#partitions.set(topic, count);
    return count;
  }

  /**
   * Only for offsets and topics. Its `fetchTopicMetadata` makes it forget every other topic, so that offsets asked
   * for at that moment come to nothing: partitions are looked up on the cluster instead.
   */
  #connectedAdmin(): Promise<Admin> {
    this.#admin ??= this.#connectAdmin().catch((error: unknown) => {
      this.#admin = undefined;
      throw error;
    });
    return this.#admin;
  }

  async #connectAdmin(): Promise<Admin> {
    const admin = this.#parts.kafka.admin({
      retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 5 },
    });
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      await giveUp(admin);
      throw toLogError(error, { what: 'connect to Kafka', brokers: this.#parts.brokers });
    }
  }

  async #coordinatorError(groupId: string): Promise<unknown> {
    const { cluster } = this.#parts;
    try {
      if (!cluster.isConnected()) await cluster.connect();
      await cluster.refreshMetadata();
      const [nodeId] = cluster.getNodeIds();
      if (nodeId === undefined) return undefined;
      const broker = await cluster.findBroker({ nodeId });
      await broker.findGroupCoordinator({ groupId, coordinatorType: 0 });
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #laneSettings(): LaneSettings {
    const { settings, deps } = this.#parts;
    return {
      lingerMs: settings.lingerMs,
      compression: compressionType(settings.compression),
      batchBytes: BATCH_BYTES,
      partitionBytes: PARTITION_BYTES,
      partitionRecords: PARTITION_RECORDS,
      queueBytes: QUEUE_BYTES,
      deliveryTimeoutMs: deps.deliveryTimeoutMs ?? DELIVERY_TIMEOUT_MS,
    };
  }

  #assertOpen(): void {
    if (this.#isClosed) throw logClosed('log');
  }
}
