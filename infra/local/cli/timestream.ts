import { parseArgs } from 'node:util';
import { startTimestream } from '../timestream/timestream-server.ts';
import { EXIT, reportFailure, usageError } from './cli-failure.ts';

const HELP = `Runs the local Timestream alone, for Grafana or any AWS SDK client.

  npm run timestream -- [--port P] [--data DIR] [--read-only]

  --port P      port on 127.0.0.1; 0 takes a free one (default 8087)
  --data DIR    folder of the database file, created if need be; without it all is in memory
  --read-only   answer queries of an existing folder and change nothing in it
  --help        this text

Clients need this endpoint, any region and any credentials. Retention and the 15-minutes-ahead rule follow
the wall clock, and expired rows go when rows are written: open the folder of an old replay with --read-only.
`;

const DEFAULT_PORT = 8087;

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const timestream = await startTimestream(options);
  process.stdout.write(
    `Timestream listens on ${timestream.endpoint}, data ${options.dir === null ? 'in memory' : `in ${options.dir}`}.\n`,
  );
  let isClosing = false;
  const close = (): void => {
    if (isClosing) return;
    isClosing = true;
    timestream.close().then(
      () => process.exit(EXIT.ok),
      (error: unknown) => process.exit(reportFailure(error, printError)),
    );
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}

interface CommandOptions {
  readonly dir: string | null;
  readonly port: number;
  readonly readOnly: boolean;
}

function optionsOf(args: readonly string[]): CommandOptions | 'help' {
  const values = flagsOf(args);
  if (values.help === true) return 'help';
  const port = values.port === undefined ? DEFAULT_PORT : Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw usageError(`--port ${values.port} must be a whole number from 0 to 65535.`);
  }
  const readOnly = values['read-only'] === true;
  if (readOnly && values.data === undefined) throw usageError('--read-only needs --data DIR.');
  return { dir: values.data ?? null, port, readOnly };
}

function flagsOf(args: readonly string[]): {
  readonly port?: string;
  readonly data?: string;
  readonly 'read-only'?: boolean;
  readonly help?: boolean;
} {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        'read-only': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw usageError(`${error instanceof Error ? error.message : String(error)}\nSee --help.`);
  }
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await main();
} catch (error) {
  process.exitCode = reportFailure(error, printError);
}
