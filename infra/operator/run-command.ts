import { reportFailure } from './cli-failure.ts';

/**
 * Runs a command of this process. A number that it gives is the exit code; what it fails with goes to stderr in one
 * line, and decides the exit code.
 */
export async function runCommand(main: () => Promise<unknown>): Promise<void> {
  try {
    const code = await main();
    if (typeof code === 'number') process.exitCode = code;
  } catch (error) {
    process.exitCode = reportFailure(error, (line) => process.stderr.write(`${line}\n`));
  }
}
