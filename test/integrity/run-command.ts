import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReplaySummary } from '../../infra/local/replay/replay-summary.ts';

/** What a command came to. */
export interface CommandOutcome {
  /** The exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command is ended when it takes longer than this. */
const DEADLINE_MS = 120_000;

/** Runs a command of `infra/local/cli` as a person would. */
export function runCommand(name: 'replay' | 'query', ...args: string[]): Promise<CommandOutcome> {
  const file = join(import.meta.dirname, '../../infra/local/cli', `${name}.ts`);
  const env = { ...process.env, DATA_DIR: undefined, SYMBOLS: undefined, STREAMS: undefined };
  return new Promise((resolve) => {
    const options = { env, timeout: DEADLINE_MS, maxBuffer: 256 * 1024 * 1024 };
    execFile(process.execPath, [file, ...args], options, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ code, out, err });
    });
  });
}

/** Replays by the command and returns the summary of its last line; fails where the command does. */
export async function replayCommand(...args: string[]): Promise<ReplaySummary> {
  const { code, out, err } = await runCommand('replay', ...args, '--speed', 'max');
  if (code !== 0) throw new Error(`the replay ended with ${code}: ${err}`);
  const last = out.trimEnd().split('\n').at(-1) ?? '';
  return JSON.parse(last) as ReplaySummary;
}

/** A row of a query in JSON. */
export type JsonRow = Readonly<Record<string, string | number | boolean | null>>;

/** Runs SQL by the command; fails where it does. */
export async function queryCommand(dir: string, sql: string): Promise<readonly JsonRow[]> {
  const { code, out, err } = await runCommand('query', '--data', dir, '--format', 'json', sql);
  if (code !== 0) throw new Error(`the query ended with ${code}: ${err}`);
  return JSON.parse(out) as JsonRow[];
}

/** A temporary folder that goes when the test file ends. */
export function temporaryFolder(after: (task: () => void) => void): string {
  const dir = mkdtempSync(join(tmpdir(), 'integrity-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
