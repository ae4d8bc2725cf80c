import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { CodedError } from '../../../shared/coded-error.ts';
import { runningInstance, STORE_FOLDER } from '../data-folder/running-instance.ts';
import { DATABASE_FILE } from '../timestream/duck.ts';
import { startTimestream } from '../timestream/timestream-server.ts';

/** Where to send queries for a data folder; `close` ends what was started for it. */
export interface StoreEndpoint {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** How long a running instance has to accept a connection. */
const ANSWER_MS = 1000;

/**
 * The endpoint of the instance that runs on the folder, else a read-only Timestream of our own on it.
 * Fails with `DATA_FOLDER_EMPTY` where the folder holds no store.
 */
export async function storeEndpoint(dataDir: string): Promise<StoreEndpoint> {
  const instance = await runningInstance(dataDir);
  if (instance !== undefined && (await accepts(instance.timestreamEndpoint))) {
    return { endpoint: instance.timestreamEndpoint, close: async () => {} };
  }
  const dir = join(dataDir, STORE_FOLDER);
  if (!existsSync(join(dir, DATABASE_FILE))) {
    throw new CodedError('DATA_FOLDER_EMPTY', `The folder ${dataDir} holds no store: nothing has run on it.`);
  }
  return startTimestream({ dir, readOnly: true });
}

/** Whether something listens at the endpoint. */
export function accepts(endpoint: string): Promise<boolean> {
  if (!URL.canParse(endpoint)) return Promise.resolve(false);
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: ANSWER_MS });
    const finish = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => finish(true));
    socket.once('timeout', () => finish(false));
    socket.once('error', () => finish(false));
  });
}
