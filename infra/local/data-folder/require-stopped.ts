import { CodedError } from '../../../shared/coded-error.ts';
import { accepts } from '../query/store-endpoint.ts';
import { requireFolder, runningInstance } from './running-instance.ts';

/**
 * The folder exists and nothing runs on it. Fails with `DATA_FOLDER_MISSING`, or with `DATA_FOLDER_RUNNING`: state
 * and store belong to the process that runs.
 */
export async function requireStopped(dir: string): Promise<void> {
  await requireFolder(dir);
  const instance = await runningInstance(dir);
  // An entry that a killed process left names an endpoint that accepts no longer.
  if (instance === undefined || !(await accepts(instance.timestreamEndpoint))) return;
  const who = instance.pid === null ? 'A process' : `Process ${instance.pid}`;
  throw new CodedError('DATA_FOLDER_RUNNING', `${who} runs on ${dir}. Stop it first, then try again.`, {
    data: { dir, pid: instance.pid },
  });
}
