import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { runQuery } from '../../../functions/adapters/timestream/query.ts';
import { usageError } from '../../operator/cli-failure.ts';
import { readFlags } from '../../operator/read-flags.ts';
import { runCommand } from '../../operator/run-command.ts';
import { latestDataFolder, requireFolder } from '../data-folder/running-instance.ts';
import { FORMATS, formatNamed } from '../query/format-result.ts';
import { storeEndpoint } from '../query/store-endpoint.ts';
import { environmentWithFile } from './load-env-file.ts';

const HELP = `Runs Timestream SQL on what the monitor has stored.

  npm run --silent query -- [--data DIR] [--format table|json|csv] "SQL"

  --data DIR    data folder of a run (default: DATA_DIR, else the one below .data used last)
  --format F    table for eyes (default), json: one array of objects, csv
  --help        this text

A running instance is asked over its endpoint, else the folder is read.
Example: npm run --silent query -- "SELECT * FROM market.candles ORDER BY time DESC LIMIT 5"
`;

const DATA_ROOT = '.data';

async function main(): Promise<void> {
  const { values, positionals } = argumentsOf(process.argv.slice(2));
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const format = formatNamed(values.format ?? 'table');
  if (format === undefined) {
    throw usageError(`--format ${values.format} is none of ${Object.keys(FORMATS).join(', ')}.`);
  }
  const [sql, ...rest] = positionals;
  if (sql === undefined || sql.trim() === '' || rest.length > 0) {
    throw usageError('Give the SQL as one argument, in quotes. See --help.');
  }
  const given = values.data ?? environmentWithFile().DATA_DIR;
  const dataDir = given ?? (await latestDataFolder(DATA_ROOT));
  if (given === undefined) process.stderr.write(`Reading ${dataDir}.\n`);
  await requireFolder(dataDir);
  const store = await storeEndpoint(dataDir);
  const client = new TimestreamQueryClient({
    endpoint: store.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  try {
    process.stdout.write(format(await runQuery(client, sql)));
  } finally {
    client.destroy();
    await store.close();
  }
}

function argumentsOf(args: readonly string[]): {
  readonly values: { readonly data?: string; readonly format?: string; readonly help?: boolean };
  readonly positionals: readonly string[];
} {
  return readFlags({
    args: [...args],
    allowPositionals: true,
    options: { data: { type: 'string' }, format: { type: 'string' }, help: { type: 'boolean' } },
  });
}

await runCommand(main);
