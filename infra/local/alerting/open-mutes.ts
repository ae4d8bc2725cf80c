import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ensureStateTable } from '../../../functions/adapters/dynamodb/ensure-state-table.ts';
import { IncidentTable } from '../../../functions/notify/incident-table.ts';
import { runningInstance } from '../data-folder/running-instance.ts';
import { startDynamoDB } from '../dynamodb/start-dynamodb.ts';
import { localClients } from '../pipeline/local-clients.ts';
import { STATE_TABLE } from '../pipeline/start-pipeline.ts';

/** The mutes, opened for a command. */
export interface OpenMutes {
  readonly store: IncidentTable;
  close(): Promise<void>;
}

/** The mutes in a state table on AWS, or at the endpoint that the SDK's own variables name. */
export function mutesOnAws(table: string): OpenMutes {
  const client = new DynamoDBClient({});
  return { store: new IncidentTable(client, table), close: async () => client.destroy() };
}

/** The mutes of a data folder: in the running instance's state, else in the folder itself. */
export async function mutesOfFolder(dir: string): Promise<OpenMutes> {
  const endpoint = (await runningInstance(dir))?.stateEndpoint ?? null;
  if (endpoint !== null) {
    const running = localClients({ dynamodb: endpoint, timestreamWrite: '', timestreamQuery: '' });
    const store = new IncidentTable(running.dynamodb, STATE_TABLE);
    const isThere = await store.readMutes().then(
      () => true,
      () => false,
    );
    if (isThere) return { store, close: async () => running.destroy() };
    running.destroy();
  }
  const own = await startDynamoDB(join(dir, 'state'));
  const clients = localClients({ dynamodb: own.endpoint, timestreamWrite: '', timestreamQuery: '' });
  await ensureStateTable(clients.dynamodb, STATE_TABLE);
  return {
    store: new IncidentTable(clients.dynamodb, STATE_TABLE),
    close: async () => {
      clients.destroy();
      await own.close();
    },
  };
}
