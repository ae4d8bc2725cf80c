import { existsSync } from 'node:fs';

/**
 * The environment of a command, with what the file `.env` of the working directory adds; what is set already wins.
 */
export function environmentWithFile(file = '.env'): Readonly<Record<string, string | undefined>> {
  if (existsSync(file)) process.loadEnvFile(file);
  return process.env;
}
