import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { Millis } from '../../../shared/units.ts';
import { accepts } from '../query/store-endpoint.ts';
import { runningInstance } from './running-instance.ts';

const LOOK_MS: Millis = 200;

/**
 * No other process runs on the folder, or `DATA_FOLDER_IN_USE`. One that is just ending is waited for. An entry that
 * a killed instance left does not count: its process is gone, or what has its number now does not listen at its
 * endpoint.
 */
export async function requireFree(
  dir: string,
  options: { readonly clock: Clock /** @default 3,000 */; readonly withinMs?: Millis },
): Promise<void> {
  const { clock, withinMs = 3_000 } = options;
  const deadlineUs = clock.nowUs() + withinMs * 1_000;
  for (;;) {
    const pid = await holder(dir);
    if (pid === undefined) return;
    if (clock.nowUs() >= deadlineUs)
      throw new CodedError(
        'DATA_FOLDER_IN_USE',
        `A monitor runs on ${dir} already (process ${pid}). See it with npm run status -- --data ${dir}, end it, or name another folder with --data.`,
        { data: { dir, pid }, canRetry: true },
      );
    await new Promise<void>((resolve) => {
      clock.after(LOOK_MS, resolve);
    });
  }
}

async function holder(dir: string): Promise<number | undefined> {
  const instance = await runningInstance(dir);
  if (instance?.pid == null || instance.pid === process.pid || !isAlive(instance.pid)) return undefined;
  return (await accepts(instance.timestreamEndpoint)) ? instance.pid : undefined;
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
