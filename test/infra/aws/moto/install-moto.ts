import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withFolderLock } from '../../../folder-lock.ts';

const run = promisify(execFile);
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');

const missing = missingForMoto();

/** For `skip` of a suite: why there is no moto. In CI it is a must, so nothing is skipped there. */
export const skipWithoutMoto: string | false =
  missing !== undefined && process.env.CI !== 'true'
    ? `NOT SHOWN, no CloudFormation on loopback: there is ${missing}`
    : false;

function missingForMoto(): string | undefined {
  const check = 'import sys; sys.exit(sys.version_info < (3, 10))';
  if (spawnSync('python3', ['-c', check]).status !== 0) return 'no Python 3.10 or newer';
  if (spawnSync('python3', ['-m', 'pip', '--version']).status !== 0) return 'no pip';
  return undefined;
}

/**
 * The folder of moto and what it needs, for `PYTHONPATH`: brought by pip, pinned, once per list of requirements, and
 * kept among the temporary files.
 */
export async function motoFolder(): Promise<string> {
  if (missing !== undefined) throw new Error(`moto needs Python: there is ${missing}`);
  const asked = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 8);
  const folder = join(tmpdir(), `market-monitor-moto-${asked}`);
  const packages = join(folder, 'packages');
  if (existsSync(packages)) return packages;
  mkdirSync(folder, { recursive: true });
  await withFolderLock(join(folder, 'lock'), async () => {
    if (existsSync(packages)) return;
    const unfinished = join(folder, 'unfinished');
    rmSync(unfinished, { recursive: true, force: true });
    const args = ['install', '--quiet', '--disable-pip-version-check', '--no-deps', '--target', unfinished];
    await run('python3', ['-m', 'pip', ...args, '-r', REQUIREMENTS], { timeout: 500_000 });
    renameSync(unfinished, packages);
  });
  return packages;
}
