import type { Kafka } from 'kafkajs';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { CodedError } from '../../../shared/coded-error.ts';

/*
 * The one place that knows the inside of kafkajs 2.2.4. The version is pinned exactly; the tests of this folder
 * fail where an update changes what is relied on here.
 */

let isCured = false;

/**
 * Cures the hot polling loop: after its first request each connection of kafkajs wakes about 900 times a second
 * for ever, because it plans its next look at the (empty) queue for "-1 minus now" milliseconds. With nothing
 * pending there is nothing to look for.
 * Source: https://github.com/tulios/kafkajs/pull/1755 (not merged)
 */
export function cureRequestQueue(): void {
  if (isCured) return;
  isCured = true;
  const original = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) original.call(this);
  };
}

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
      readonly partitions: readonly { readonly messages: readonly FetchedMessage[] }[];
    }[];
  }>;
}

/** The connections and metadata of a client. */
export interface FetchingCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isConnected(): boolean;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
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
