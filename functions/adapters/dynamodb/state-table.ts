import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CodedError } from '../../../shared/coded-error.ts';
import type { ArchiveBlock, HotItem, StateStore } from '../../../shared/state/state-store.ts';

/** Keys of one BatchGetItem call. */
const MAX_KEYS = 100;
const HOT = 'hot';

/**
 * The state in a DynamoDB table with the string keys `feed` (such as `trades#BTCUSDT`) and `item` (`hot`, or
 * `block#<number>`). Blocks expire by the attribute `expires_at`, in seconds since 1970.
 */
export class StateTable implements StateStore {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #nowMs: () => number;
  readonly #retentionMs: number;

  constructor(
    client: DynamoDBClient,
    options: { readonly table: string; readonly nowMs: () => number; readonly retentionMs: number },
  ) {
    this.#client = client;
    this.#table = options.table;
    this.#nowMs = options.nowMs;
    this.#retentionMs = options.retentionMs;
  }

  async readHot(keys: readonly string[]): Promise<ReadonlyMap<string, HotItem>> {
    const found = new Map<string, HotItem>();
    for (let at = 0; at < keys.length; at += MAX_KEYS) {
      let asked: Record<string, AttributeValue>[] = keys
        .slice(at, at + MAX_KEYS)
        .map((key) => keyOf(key, HOT));
      while (asked.length > 0) {
        const request = { [this.#table]: { Keys: asked, ConsistentRead: true } };
        const answer = await this.#client.send(new BatchGetItemCommand({ RequestItems: request }));
        for (const item of answer.Responses?.[this.#table] ?? []) {
          found.set(textOf(item, 'feed'), {
            version: numberOf(item, 'version'),
            bytes: bytesOf(item, 'state'),
          });
        }
        asked = answer.UnprocessedKeys?.[this.#table]?.Keys ?? [];
      }
    }
    return found;
  }

  async writeHot(key: string, expected: number, bytes: Uint8Array): Promise<boolean> {
    return this.#update({
      Key: keyOf(key, HOT),
      UpdateExpression: 'SET #version = :next, #state = :state',
      ConditionExpression: expected === 0 ? 'attribute_not_exists(#version)' : '#version = :expected',
      ExpressionAttributeNames: { '#version': 'version', '#state': 'state' },
      ExpressionAttributeValues: {
        ':next': { N: String(expected + 1) },
        ':state': { B: bytes },
        ...(expected === 0 ? {} : { ':expected': { N: String(expected) } }),
      },
    });
  }

  async readBlock(key: string, block: number): Promise<ArchiveBlock> {
    const answer = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: keyOf(key, `block#${block}`), ConsistentRead: true }),
    );
    const panes = new Map<number, Uint8Array>();
    for (const [name, value] of Object.entries(answer.Item ?? {})) {
      if (name.startsWith('p') && value.B !== undefined) panes.set(Number(name.slice(1)), value.B);
    }
    return { version: Number(answer.Item?.version?.N ?? 0), panes };
  }

  async writeBlock(
    key: string,
    block: number,
    version: number,
    panes: ReadonlyMap<number, Uint8Array>,
  ): Promise<boolean> {
    const names: Record<string, string> = { '#version': 'version', '#expires': 'expires_at' };
    const values: Record<string, AttributeValue> = {
      ':version': { N: String(version) },
      ':expires': { N: String(Math.ceil((this.#nowMs() + this.#retentionMs) / 1000)) },
    };
    const sets = ['#version = :version', '#expires = :expires'];
    for (const [index, bytes] of panes) {
      names[`#p${index}`] = `p${index}`;
      values[`:p${index}`] = { B: bytes };
      sets.push(`#p${index} = :p${index}`);
    }
    return this.#update({
      Key: keyOf(key, `block#${block}`),
      UpdateExpression: `SET ${sets.join(', ')}`,
      ConditionExpression: 'attribute_not_exists(#version) OR #version <= :version',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    });
  }

  async #update(update: {
    readonly Key: Record<string, AttributeValue>;
    readonly UpdateExpression: string;
    readonly ConditionExpression: string;
    readonly ExpressionAttributeNames: Record<string, string>;
    readonly ExpressionAttributeValues: Record<string, AttributeValue>;
  }): Promise<boolean> {
    try {
      await this.#client.send(new UpdateItemCommand({ TableName: this.#table, ...update }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

function keyOf(feed: string, item: string): Record<string, AttributeValue> {
  return { feed: { S: feed }, item: { S: item } };
}

function textOf(item: Record<string, AttributeValue>, name: string): string {
  return item[name]?.S ?? missing(name);
}

function numberOf(item: Record<string, AttributeValue>, name: string): number {
  return Number(item[name]?.N ?? missing(name));
}

function bytesOf(item: Record<string, AttributeValue>, name: string): Uint8Array {
  return item[name]?.B ?? missing(name);
}

function missing(name: string): never {
  throw new CodedError(
    'STATE_CORRUPT',
    `A state item lacks its attribute ${name}; something else wrote to the table.`,
    {
      data: { name },
    },
  );
}
