import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../../../infra/local/cli');

/** What a command that has ended said. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  /** What it has said so far. */
  out(): string;
  err(): string;
  ended: Promise<Outcome>;
}

/** Nothing of the environment of the tests reaches a command but what it needs to run. */
function environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, HEALTH_PORT: '0', ...more };
}

/** Starts a command of `infra/local/cli`, without a terminal. */
export function start(
  name: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Running {
  const child = spawn(process.execPath, [join(FOLDER, `${name}.ts`), ...args], {
    cwd: options.cwd,
    env: environment(options.env ?? {}),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ code: code ?? null, out, err }));
  return { child, out: () => out, err: () => err, ended };
}

/** Runs a command to its end. */
export function run(
  name: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Outcome> {
  return start(name, args, options).ended;
}

/** Asks until the answer is there; fails with what `tell` says when it takes too long. */
export async function eventually<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  tell: () => string,
  withinMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`It did not happen in ${withinMs} ms. ${tell()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
