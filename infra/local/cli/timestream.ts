import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, reportFailure, usageError } from '../../operator/cli-failure.ts';
import { runCommand } from '../../operator/run-command.ts';
import { requireFolder, runningInstance, STORE_FOLDER } from '../data-folder/running-instance.ts';
import { accepts } from '../query/store-endpoint.ts';
import { startRelay } from '../timestream/relay.ts';
import { startTimestream } from '../timestream/timestream-server.ts';

const HELP = `Runs the local Timestream alone, for Grafana or any AWS SDK client.

  npm run timestream -- [--of DIR | --data DIR [--read-only]] [--port P] [--host H]

  --of DIR      the store of a data folder such as .data/live, for queries: that of the monitor while it runs,
                under an address that stays the same; where none runs, the folder's own
  --data DIR    folder of a database file, created if need be; without it all is in memory
  --read-only   answer queries of an existing folder and change nothing in it
  --port P      port; 0 takes a free one (default 8087)
  --host H      address to listen on (default 127.0.0.1); another is open to whoever reaches it
  --help        this text

Clients need this endpoint, any region and any credentials. Retention and the 15-minutes-ahead rule follow
the wall clock, and expired rows go when rows are written: open the folder of an old replay with --read-only.
`;

const DEFAULT_PORT = 8087;

interface Listening {
  readonly endpoint: string;
  close(): Promise<void>;
}

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const { server, what } = await open(options);
  process.stdout.write(`Timestream listens on ${server.endpoint}, ${what}.\n`);
  let isClosing = false;
  const close = (): void => {
    if (isClosing) return;
    isClosing = true;
    server.close().then(
      () => process.exit(EXIT.ok),
      (error: unknown) => process.exit(reportFailure(error, printError)),
    );
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}

async function open(options: CommandOptions): Promise<{ readonly server: Listening; readonly what: string }> {
  const { of, ...own } = options;
  if (of === null) {
    return {
      server: await startTimestream(own),
      what: own.dir === null ? 'data in memory' : `data in ${own.dir}`,
    };
  }
  await requireFolder(of);
  const endpointOf = async (): Promise<string | undefined> => (await runningInstance(of))?.timestreamEndpoint;
  const running = await endpointOf();
  if (running !== undefined && (await accepts(running))) {
    const relay = await startRelay({ endpointOf, host: own.host, port: own.port });
    return { server: relay, what: `queries of the monitor that runs on ${of}` };
  }
  const dir = join(of, STORE_FOLDER);
  return {
    server: await startTimestream({ ...own, dir, readOnly: true }),
    what: `queries of ${dir}, on which no monitor runs`,
  };
}

interface CommandOptions {
  readonly of: string | null;
  readonly dir: string | null;
  readonly host: string;
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
  if (values.of !== undefined && values.data !== undefined) {
    throw usageError('Name a folder with --of or with --data, not both.');
  }
  return {
    of: values.of ?? null,
    dir: values.data ?? null,
    host: values.host ?? '127.0.0.1',
    port,
    readOnly,
  };
}

function flagsOf(args: readonly string[]): {
  readonly port?: string;
  readonly of?: string;
  readonly data?: string;
  readonly host?: string;
  readonly 'read-only'?: boolean;
  readonly help?: boolean;
} {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        of: { type: 'string' },
        data: { type: 'string' },
        host: { type: 'string' },
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

await runCommand(main);
