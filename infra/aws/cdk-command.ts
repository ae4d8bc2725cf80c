import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** Runs the CDK's command line of this project on this terminal; resolves with its exit code. */
export async function cdk(...args: readonly string[]): Promise<number> {
  const file = join(ROOT, 'node_modules', '.bin', 'cdk');
  const child = spawn(file, [...args], { cwd: ROOT, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}

/** Whether a container builder answers: that of `CDK_DOCKER`, else Docker. */
export async function canBuildImages(): Promise<boolean> {
  const child = spawn(process.env.CDK_DOCKER || 'docker', ['info'], { stdio: 'ignore', timeout: 20_000 });
  const ended = await Promise.race([
    once(child, 'exit').then(([code]) => code === 0),
    once(child, 'error').then(() => false),
  ]);
  return ended;
}

/** The flags that lead the CDK's command line to the same account and region as the preflight. */
export function accessFlags(profile: string | undefined, region: string | undefined): readonly string[] {
  return [
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...(region === undefined ? [] : ['--region', region]),
  ];
}
