import { join } from 'node:path';
import { ensureStateTable } from '../../../functions/adapters/dynamodb/ensure-state-table.ts';
import { StateTable } from '../../../functions/adapters/dynamodb/state-table.ts';
import { ensureStore } from '../../../functions/adapters/timestream/ensure-store.ts';
import { LOG_RETENTION_DAYS } from '../../../functions/aggregate/aggregate-options.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Settings } from '../../../shared/settings/settings.ts';
import { STORE_FOLDER } from '../data-folder/running-instance.ts';
import { startDynamoDB } from '../dynamodb/start-dynamodb.ts';
import { startTimestream } from '../timestream/timestream-server.ts';
import { type LocalClients, localClients } from './local-clients.ts';
import { STATE_TABLE } from './start-pipeline.ts';

/** State and rows of a data folder on which nothing runs, for an operator's command. */
export interface OpenStores {
  readonly clients: LocalClients;
  readonly state: StateTable;
  close(): Promise<void>;
}

/** Opens what the pipeline keeps in a folder, with the endpoints that the settings name instead. */
export async function openStores(
  settings: Settings,
  dir: string,
  clock: Clock,
  storeNowMs: () => number,
): Promise<OpenStores> {
  const emulator = settings.awsEndpointUrl;
  const dynamodb = emulator === null ? await startDynamoDB(join(dir, 'state')) : undefined;
  const timestream =
    settings.awsEndpointUrlTimestreamWrite === null
      ? await startTimestream({ dir: join(dir, STORE_FOLDER), nowMs: storeNowMs })
      : undefined;
  const written = settings.awsEndpointUrlTimestreamWrite ?? timestream?.endpoint ?? '';
  const clients = localClients({
    dynamodb: emulator ?? dynamodb?.endpoint ?? '',
    timestreamWrite: written,
    timestreamQuery: settings.awsEndpointUrlTimestreamQuery ?? written,
  });
  await ensureStateTable(clients.dynamodb, STATE_TABLE);
  await ensureStore(clients.timestreamWrite, settings.timestreamDatabase);
  return {
    clients,
    state: new StateTable(clients.dynamodb, {
      table: STATE_TABLE,
      nowMs: () => clock.nowUs() / 1_000,
      retentionMs: LOG_RETENTION_DAYS * 86_400_000,
    }),
    close: async () => {
      clients.destroy();
      await timestream?.close();
      await dynamodb?.close();
    },
  };
}
