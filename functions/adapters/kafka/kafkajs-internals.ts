import type { Kafka } from 'kafkajs';
import Connection from 'kafkajs/src/network/connection.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { CodedError } from '../../../shared/coded-error.ts';

/*
 * The one place that knows the inside of kafkajs 2.2.4. The version is pinned exactly; the tests of this folder
 * fail where an update changes what is relied on here.
 */

let isCured = false;

/** Cures the faults of kafkajs that the log would suffer from. May be called more than once. */
export function cureKafkajs(): void {
  if (isCured) return;
  isCured = true;
  cureRequestQueue();
  cureConnection();
}

/**
 * The hot polling loop: after its first request each connection wakes about 900 times a second for ever, because
 * it plans its next look at the (empty) queue for "-1 minus now" milliseconds. With nothing pending there is
 * nothing to look for.
 * Source: https://github.com/tulios/kafkajs/pull/1755 (not merged)
 */
function cureRequestQueue(): void {
  const original = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) original.call(this);
  };
}

/**
 * The half response: a connection that is cut in the middle of a response keeps the bytes it has, and reads the
 * first response of the next connection as their rest. That ends the process by an exception in the socket's
 * handler, or worse, does not. A new connection begins with nothing.
 */
function cureConnection(): void {
  const original = Connection.prototype.connect;
  Connection.prototype.connect = function (this: Connection) {
    if (!this.isConnected()) {
      this.chunks = [];
      this.bytesBuffered = 0;
      this.bytesNeeded = SIZE_FIELD_BYTES;
    }
    return original.call(this);
  };
}

/** Each response begins with its size. */
const SIZE_FIELD_BYTES = 4;

/** A record as a broker gives it. */
export interface FetchedMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
  readonly isControlRecord?: boolean;
}

/** A broker that partitions can be fetched from without a consumer group. */
export interface FetchingBroker {
  findGroupCoordinator(request: { readonly groupId: string; readonly coordinatorType: 0 }): Promise<unknown>;
  fetch(request: {
    readonly maxWaitTime: number;
    readonly minBytes: number;
    readonly maxBytes: number;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly fetchOffset: string;
        readonly maxBytes: number;
      }[];
    }[];
  }): Promise<{
    readonly responses: readonly {
      readonly partitions: readonly {
        /** The offset after the last record that may be read. */
        readonly highWatermark: string;
        readonly messages: readonly FetchedMessage[];
      }[];
    }[];
  }>;
}

/** The connections and metadata of a client. */
export interface FetchingCluster {
  getNodeIds(): readonly string[];
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isConnected(): boolean;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[];
  findLeaderForPartitions(topic: string, partitions: number[]): { readonly [nodeId: string]: number[] };
  findBroker(node: { readonly nodeId: string }): Promise<FetchingBroker>;
}

/** A cluster of a client's own settings. kafkajs has no public way to fetch without a group. */
export function createCluster(kafka: Kafka): FetchingCluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const create: unknown = symbol === undefined ? undefined : Reflect.get(kafka, symbol);
  if (!isClusterFactory(create)) {
    throw new CodedError(
      'KAFKAJS_CHANGED',
      'This version of kafkajs has no createCluster: pin kafkajs 2.2.4.',
    );
  }
  return create({ allowAutoTopicCreation: false, metadataMaxAge: 60_000 });
}

type ClusterFactory = (options: {
  readonly allowAutoTopicCreation: boolean;
  readonly metadataMaxAge: number;
}) => FetchingCluster;

function isClusterFactory(value: unknown): value is ClusterFactory {
  return typeof value === 'function';
}
