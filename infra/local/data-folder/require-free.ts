import { CodedError } from '../../../shared/coded-error.ts';
import { accepts } from '../query/store-endpoint.ts';
import { runningInstance } from './running-instance.ts';

/**
 * No other process runs on the folder, or `DATA_FOLDER_IN_USE`. An entry that a killed instance left does not
 * count: its process is gone, or what has its number now does not listen at its endpoint.
 */
export async function requireFree(dir: string): Promise<void> {
  const instance = await runningInstance(dir);
  if (instance?.pid == null || instance.pid === process.pid || !isAlive(instance.pid)) return;
  if (!(await accepts(instance.timestreamEndpoint))) return;
  throw new CodedError(
    'DATA_FOLDER_IN_USE',
    `A monitor runs on ${dir} already (process ${instance.pid}). See it with npm run status -- --data ${dir}, end it, or name another folder with --data.`,
    { data: { dir, pid: instance.pid } },
  );
}

/** Whether a process of that number lives. Numbers are used again, so it may be another one. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
