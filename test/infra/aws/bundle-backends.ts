import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ensureStateTable } from '../../../functions/adapters/dynamodb/ensure-state-table.ts';
import { startDynamoDB } from '../../../infra/local/dynamodb/start-dynamodb.ts';
import { startStore, type TestStore } from '../local/timestream/clients.ts';

/** When the recording of 2024-08-08 is being read, for a store that refuses rows of the future. */
export const RECORDED_NOW_MS = 1_723_161_300_000;

/** What the functions speak to beside Kafka, on loopback. */
export interface BundleBackends {
  readonly store: TestStore;
  /** Bodies that came to Slack's webhook. */
  readonly posted: readonly string[];
  /** Makes a state table and gives the variables that lead a bundle to it and to the rest. */
  variables(stateTable: string): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

/** Starts DynamoDB, Timestream and a Slack. */
export async function startBackends(): Promise<BundleBackends> {
  const dynamodb = await startDynamoDB(null);
  const store = await startStore({ nowMs: () => RECORDED_NOW_MS });
  const posted: string[] = [];
  const slack = createServer(async (request, response) => {
    posted.push(await text(request));
    response.end('ok');
  });
  slack.listen(0, '127.0.0.1');
  await once(slack, 'listening');
  const { port } = slack.address() as AddressInfo;
  return {
    store,
    posted,
    variables: async (stateTable) => {
      const client = new DynamoDBClient({
        endpoint: dynamodb.endpoint,
        region: 'eu-west-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      });
      await ensureStateTable(client, stateTable);
      client.destroy();
      return {
        KAFKA_SECURITY_PROTOCOL: 'PLAINTEXT',
        STATE_TABLE: stateTable,
        AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
        AWS_ENDPOINT_URL_TIMESTREAM_WRITE: store.timestream.endpoint,
        AWS_ENDPOINT_URL_TIMESTREAM_QUERY: store.timestream.endpoint,
        NOTIFY_QUEUE_URL: 'http://127.0.0.1:9/000000000000/notify',
        SLACK_WEBHOOK_URL: `http://127.0.0.1:${port}/services/x`,
      };
    },
    close: async () => {
      slack.close();
      await store.close();
      await dynamodb.close();
    },
  };
}
