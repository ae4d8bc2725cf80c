import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { EXIT } from '../../operator/cli-failure.ts';
import { readFlags } from '../../operator/read-flags.ts';
import { runCommand } from '../../operator/run-command.ts';
import { renderStatus } from '../status/render-status.ts';
import { isWell, readRunStatus } from '../status/run-status.ts';
import { systemClock } from '../system-clock.ts';
import { paletteFor } from '../terminal/palette.ts';
import { settingsOrUsage } from './command-settings.ts';
import { dataFolder } from './data-folder-flag.ts';
import { environmentWithFile } from './load-env-file.ts';

const HELP = `Tells how a monitor that runs in another terminal is doing.

  npm run status [-- --data DIR] [--json]

  --data DIR   its data folder (default: DATA_DIR, else the one below .data used last)
  --json       all that is known, as one JSON object
  --help       this text

Exit code 0: it runs and all is well. 1: it is degraded, or nothing runs.
`;

async function main(): Promise<void> {
  const values = flagsOf(process.argv.slice(2));
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const environment = environmentWithFile();
  const dir = await dataFolder(values.data, environment);
  const status = await readRunStatus(dir, {
    fetch,
    client: (endpoint) =>
      new TimestreamQueryClient({
        endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      }),
    database: settingsOrUsage(environment, {}).timestreamDatabase,
  });
  const palette = paletteFor(process.stdout.isTTY === true, environment);
  process.stdout.write(
    values.json === true
      ? `${JSON.stringify(status)}\n`
      : renderStatus(status, systemClock.nowUs())
          .map((line) => `${palette(line)}\n`)
          .join(''),
  );
  process.exitCode = isWell(status) ? EXIT.ok : EXIT.failed;
}

function flagsOf(args: readonly string[]): {
  readonly data?: string;
  readonly json?: boolean;
  readonly help?: boolean;
} {
  return readFlags({
    args: [...args],
    options: { data: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  }).values;
}

await runCommand(main);
