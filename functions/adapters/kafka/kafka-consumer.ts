import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Clock, Timer } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { CommittedOffset, LogConsumer, LogRecord, PartitionLag } from '../../../shared/log/log.ts';
import { logClosed } from '../../../shared/log/log-errors.ts';
import { giveUp } from './give-up.ts';
import { isRebalance, KAFKA_ERRORS, type KafkaAction, toLogError } from './kafka-errors.ts';
import { toLogRecord } from './message-record.ts';
import { RecordBuffer } from './record-buffer.ts';
import { Signal } from './signal.ts';

/** What a consumer works with. */
export interface KafkaConsumerDeps {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly clock: Clock;
  readonly groupId: string;
  readonly topic: string;
  readonly partitions: number;
  readonly brokers: string;
  /** What a broker answers to the question for the group's coordinator, where it is an error. */
  readonly coordinatorError: (groupId: string) => Promise<unknown>;
  /** A member that is silent for this long is taken to be dead. @default 20000 */
  readonly sessionTimeoutMs?: number;
}

/** Above this much in the buffer nothing more is taken from Kafka. */
const BUFFER_BYTES = 8 * 1024 * 1024;
const SESSION_TIMEOUT_MS = 20_000;
const HEARTBEAT_MS = 1000;
/** How long a broker may hold a fetch while nothing comes: one wake-up a second on an idle topic. */
const BROKER_WAIT_MS = 1000;
/** How long a group may take to settle. */
const REBALANCE_TIMEOUT_MS = 60_000;
const RESTART_MS = 1000;
const PARTITION_BYTES = 1024 * 1024;
const FETCH_BYTES = 8 * 1024 * 1024;

function createConsumer({ kafka, groupId, sessionTimeoutMs }: KafkaConsumerDeps): Consumer {
  return kafka.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: BROKER_WAIT_MS,
    maxBytesPerPartition: PARTITION_BYTES,
    maxBytes: FETCH_BYTES,
    allowAutoTopicCreation: false,
    // As long as it tries it stays the same member: brokers that are back soon cost no rebalance.
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 30 },
  });
}

/**
 * A member of a Kafka consumer group that is pulled. kafkajs pushes batches: they go into a bounded buffer, and
 * while it is full the push waits, with heartbeats. Nothing is committed but what `commit` is told. When the
 * group changes, the buffer is emptied and every partition begins again where it was committed.
 */
export class KafkaLogConsumer implements LogConsumer {
  readonly #deps: KafkaConsumerDeps;
  #consumer: Consumer;
  readonly #buffer = new RecordBuffer();
  /** Records came, or the state changed. */
  readonly #filled = new Signal();
  /** There is room again, or the state changed. */
  readonly #drained = new Signal();
  /** The group settled, or failed. */
  readonly #settled = new Signal();
  #assigned: ReadonlySet<number> = new Set();
  /** Counts the joins: what was fetched in an earlier one is void. */
  #generation = 0;
  #isMember = false;
  #isClosed = false;
  #failure: CodedError | undefined;

  private constructor(deps: KafkaConsumerDeps) {
    this.#deps = deps;
    this.#consumer = createConsumer(deps);
  }

  /** Joins the group; resolves when the member has its partitions. */
  static async join(deps: KafkaConsumerDeps): Promise<KafkaLogConsumer> {
    const consumer = new KafkaLogConsumer(deps);
    try {
      await consumer.#start();
      return consumer;
    } catch (error) {
      await consumer.close();
      throw toLogError(error, consumer.#action('join the group'));
    }
  }

  async fetch(limits: {
    readonly maxRecords: number;
    readonly maxBytes: number;
    readonly waitMs: number;
  }): Promise<readonly LogRecord[]> {
    if (this.#isClosed) throw logClosed('consumer');
    let timer: Timer | undefined;
    let isOver = limits.waitMs <= 0;
    try {
      while (!this.#isClosed) {
        if (!this.#buffer.isEmpty) {
          const records = this.#buffer.take(limits.maxRecords, limits.maxBytes);
          this.#drained.raise();
          return records;
        }
        if (this.#failure !== undefined) throw this.#failure;
        if (isOver) return [];
        if (timer === undefined && Number.isFinite(limits.waitMs)) {
          timer = this.#deps.clock.after(limits.waitMs, () => {
            isOver = true;
            this.#filled.raise();
          });
        }
        await this.#filled.next();
      }
      return [];
    } finally {
      timer?.cancel();
    }
  }

  async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    if (this.#isClosed) throw logClosed('consumer');
    const { clock } = this.#deps;
    const deadlineUs = clock.nowUs() + REBALANCE_TIMEOUT_MS * 1000;
    for (;;) {
      await this.#membership(deadlineUs);
      const generation = this.#generation;
      const owned = offsets.filter(({ partition }) => this.#assigned.has(partition));
      if (owned.length === 0) return;
      try {
        await this.#consumer.commitOffsets(
          owned.map(({ topic, partition, next }) => ({ topic, partition, offset: String(next) })),
        );
        // kafkajs says nothing where it was about to stop: only within one membership is it done.
        if (this.#isMember && this.#generation === generation) return;
      } catch (cause) {
        const error = toLogError(cause, this.#action('commit'));
        if (!isRebalance(cause) || clock.nowUs() >= deadlineUs) throw error;
      }
    }
  }

  async rewind(partitions: readonly { readonly partition: number }[]): Promise<void> {
    const { topic } = this.#deps;
    const committed = await this.#committed();
    for (const { partition } of partitions) {
      const next = committed.get(partition);
      if (next === undefined || !this.#assigned.has(partition)) continue;
      this.#buffer.drop(partition);
      this.#consumer.seek({ topic, partition, offset: String(next) });
    }
    this.#drained.raise();
  }

  async lag(): Promise<readonly PartitionLag[]> {
    const { admin, topic } = this.#deps;
    const committed = await this.#committed();
    const bounds = await this.#told('measure the lag', () => admin.fetchTopicOffsets(topic));
    return bounds
      .filter(({ partition }) => this.#assigned.has(partition))
      .sort((a, b) => a.partition - b.partition)
      .map(({ partition, high }) => {
        const records = Math.max(0, Number(high) - (committed.get(partition) ?? 0));
        return { topic, partition, records };
      });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#raiseAll();
    await giveUp(this.#consumer);
  }

  async #start(): Promise<void> {
    await this.#run(this.#consumer);
    await this.#membership(this.#deps.clock.nowUs() + REBALANCE_TIMEOUT_MS * 1000);
  }

  async #run(consumer: Consumer): Promise<void> {
    const { topic, partitions } = this.#deps;
    const { GROUP_JOIN, CRASH, REBALANCING } = consumer.events;
    const isCurrent = () => consumer === this.#consumer;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      if (isCurrent()) this.#onJoin(payload.memberAssignment[topic] ?? []);
    });
    consumer.on(REBALANCING, () => {
      if (isCurrent()) this.#isMember = false;
    });
    consumer.on(CRASH, ({ payload }) => {
      if (isCurrent()) void this.#onCrash(payload.error, payload.restart);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: partitions,
      eachBatch: (payload) => this.#onBatch(payload),
    });
  }

  async #onBatch({ batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> {
    const generation = this.#generation;
    while (this.#buffer.bytes >= BUFFER_BYTES && !this.#isClosed) {
      await this.#drained.next(this.#deps.clock, HEARTBEAT_MS);
      await heartbeat();
    }
    if (this.#isClosed || !isRunning() || isStale() || generation !== this.#generation) return;
    for (const message of batch.messages) {
      this.#buffer.add(toLogRecord(batch.topic, batch.partition, { headers: {}, ...message }));
    }
    resolveOffset(batch.lastOffset());
    this.#filled.raise();
  }

  #onJoin(partitions: readonly number[]): void {
    this.#generation += 1;
    this.#assigned = new Set(partitions);
    this.#isMember = true;
    this.#buffer.drop();
    this.#raiseAll();
  }

  async #onCrash(cause: Error, restarts: boolean): Promise<void> {
    this.#isMember = false;
    // kafkajs hides why it found no coordinator: a missing permission, or brokers that are away.
    const hidden = cause.name === 'KafkaJSGroupCoordinatorNotFound';
    const reason = hidden ? await this.#deps.coordinatorError(this.#deps.groupId) : undefined;
    const error = toLogError(reason ?? cause, this.#action('read as a member of the group'));
    if (!error.canRetry) this.#fail(error);
    else if (!restarts) await this.#restart();
  }

  /** Begins again with another client, where kafkajs has given up on something that may pass. */
  async #restart(): Promise<void> {
    await giveUp(this.#consumer);
    while (!this.#isClosed && this.#failure === undefined) {
      await this.#settled.next(this.#deps.clock, RESTART_MS);
      this.#consumer = createConsumer(this.#deps);
      try {
        await this.#run(this.#consumer);
        if (this.#isClosed) await this.#consumer.disconnect();
        return;
      } catch (cause) {
        await giveUp(this.#consumer);
        const error = toLogError(cause, this.#action('read as a member of the group'));
        if (!error.canRetry) this.#fail(error);
      }
    }
  }

  #fail(error: CodedError): void {
    this.#failure = error;
    this.#raiseAll();
    // Where a permission is missing kafkajs would go on trying.
    void giveUp(this.#consumer);
  }

  /** Waits until this is a settled member of the group. */
  async #membership(deadlineUs: number): Promise<void> {
    const { clock } = this.#deps;
    while (!this.#isMember) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isClosed) throw logClosed('consumer');
      const leftMs = (deadlineUs - clock.nowUs()) / 1000;
      if (leftMs <= 0) {
        const message = `Group ${this.#deps.groupId} has not settled. Check whether the brokers run.`;
        throw new CodedError(KAFKA_ERRORS.busy, message, {
          canRetry: true,
          data: { ...this.#action('join') },
        });
      }
      await this.#settled.next(clock, leftMs);
    }
  }

  /** The next offset of each partition: the committed one, or the first kept. */
  async #committed(): Promise<ReadonlyMap<number, number>> {
    const { admin, groupId, topic } = this.#deps;
    const [bounds, groups] = await this.#told('read the committed offsets', () =>
      Promise.all([admin.fetchTopicOffsets(topic), admin.fetchOffsets({ groupId, topics: [topic] })]),
    );
    const first = new Map(bounds.map(({ partition, low }) => [partition, Number(low)]));
    const found = groups.find((group) => group.topic === topic)?.partitions ?? [];
    return new Map(
      found.map(({ partition, offset }) => [partition, Math.max(Number(offset), first.get(partition) ?? 0)]),
    );
  }

  async #told<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw toLogError(error, this.#action(what));
    }
  }

  #action(what: string): KafkaAction {
    const { topic, groupId, brokers } = this.#deps;
    return { what, topic, groupId, brokers };
  }

  #raiseAll(): void {
    this.#filled.raise();
    this.#drained.raise();
    this.#settled.raise();
  }
}
