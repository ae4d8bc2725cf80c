import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import dynalite from 'dynalite';
import { CodedError } from '../../../shared/coded-error.ts';

/** A running local DynamoDB. */
export interface LocalDynamoDB {
  /** For the SDK client's `endpoint`. */
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * Starts an embedded DynamoDB on loopback that keeps its tables in `dir`; null keeps them in memory.
 * Fails with `DYNAMODB_OPEN_FAILED` where the folder is in use or cannot be written.
 */
export async function startDynamoDB(dir: string | null): Promise<LocalDynamoDB> {
  if (dir !== null) await mkdir(dir, { recursive: true });
  const server = dynalite({ createTableMs: 0, ...(dir === null ? {} : { path: dir }) });
  server.listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new CodedError('DYNAMODB_OPEN_FAILED', `The window state in ${dir} cannot be opened.`, { cause });
  }
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
