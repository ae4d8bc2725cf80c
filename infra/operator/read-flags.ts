import { type ParseArgsConfig, parseArgs } from 'node:util';
import { usageError } from './cli-failure.ts';

/** Reads the arguments of a command as `parseArgs` does. Fails with `USAGE` where they are not what it takes. */
export function readFlags<const Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw usageError(`${error instanceof Error ? error.message : String(error)} See --help.`);
  }
}
