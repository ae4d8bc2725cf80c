import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type Incident, NO_INCIDENT } from './incident.ts';
import type { Mute } from './mute.ts';
import type { IncidentStore } from './ports.ts';

const MUTES = 'notify#mutes';
const ITEM = 'incident';

/**
 * Incidents and mutes as items of the state table: key `feed` = `notify#<channel>` and `item` = `incident`, the
 * state as JSON text in `state`, saved on condition of `version`.
 */
export class IncidentTable implements IncidentStore {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async read(channel: string): Promise<{ readonly incident: Incident; readonly version: number }> {
    const item = await this.#get(`notify#${channel}`);
    if (item === undefined) return { incident: NO_INCIDENT, version: 0 };
    return { incident: { ...NO_INCIDENT, ...JSON.parse(item.state) }, version: item.version };
  }

  async save(channel: string, incident: Incident, version: number): Promise<boolean> {
    const fresh = version === 0;
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: {
            feed: { S: `notify#${channel}` },
            item: { S: ITEM },
            version: { N: String(version + 1) },
            state: { S: JSON.stringify(incident) },
          },
          ConditionExpression: fresh ? 'attribute_not_exists(#v)' : '#v = :version',
          ExpressionAttributeNames: { '#v': 'version' },
          ...(fresh ? {} : { ExpressionAttributeValues: { ':version': { N: String(version) } } }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async readMutes(): Promise<readonly Mute[]> {
    const item = await this.#get(MUTES);
    return item === undefined ? [] : JSON.parse(item.state);
  }

  async saveMutes(mutes: readonly Mute[]): Promise<void> {
    await this.#client.send(
      new PutItemCommand({
        TableName: this.#table,
        Item: {
          feed: { S: MUTES },
          item: { S: ITEM },
          version: { N: '1' },
          state: { S: JSON.stringify(mutes) },
        },
      }),
    );
  }

  async #get(feed: string): Promise<{ readonly state: string; readonly version: number } | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#table,
        Key: { feed: { S: feed }, item: { S: ITEM } },
        ConsistentRead: true,
      }),
    );
    if (Item?.state?.S === undefined) return undefined;
    return { state: Item.state.S, version: Number(Item.version?.N ?? 0) };
  }
}
