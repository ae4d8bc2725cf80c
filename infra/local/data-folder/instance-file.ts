import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INSTANCE_FILE } from './running-instance.ts';

/** What a running instance tells of itself in its data folder. */
export interface InstanceEntry {
  readonly pid: number;
  readonly feed: string;
  readonly timestreamEndpoint: string;
  /** Null where no health endpoint is served. */
  readonly healthUrl: string | null;
  /** `starting` while the store can be asked and the feed does not run yet. @default 'running' */
  readonly phase?: 'starting' | 'running';
  /** Where the instance takes an operator's commands; `Pipeline.operatorUrl`. */
  readonly operatorUrl?: string;
  /** DynamoDB with the state and the mutes; `Pipeline.stateEndpoint`. */
  readonly stateEndpoint?: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** Writes the entry, so that `query`, `status` and `logs` of another terminal find the instance. */
export async function announceInstance(dir: string, entry: InstanceEntry): Promise<void> {
  await writeFile(join(dir, INSTANCE_FILE), `${JSON.stringify(entry, null, 2)}\n`);
}

/** Takes the entry back. One that a killed instance left is harmless: its endpoint does not answer. */
export async function withdrawInstance(dir: string): Promise<void> {
  await rm(join(dir, INSTANCE_FILE), { force: true });
}
