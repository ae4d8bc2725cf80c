import { CodedError } from '../../shared/coded-error.ts';

/** Exit codes of the commands. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** A wrong call of a command: its message goes to stderr and the command ends with code 2. */
export function usageError(message: string): CodedError {
  return new CodedError('USAGE', message);
}

/** Prints the failure in one line and gives the exit code: 2 for a wrong call, else 1. */
export function reportFailure(error: unknown, print: (line: string) => void): number {
  const message = error instanceof Error ? error.message : String(error);
  print(message);
  return error instanceof CodedError && error.code === 'USAGE' ? EXIT.usage : EXIT.failed;
}
