import { parseArgs } from 'node:util';
import { formatCertificate } from '../certificate/format-certificate.ts';
import { runCertificate } from '../certificate/run-certificate.ts';
import { latestDataFolder } from '../data-folder/running-instance.ts';
import { systemClock } from '../system-clock.ts';
import { EXIT, reportFailure, usageError } from './cli-failure.ts';
import { settingsOrUsage } from './command-settings.ts';

const HELP = `Proves what a data folder holds: trade ids, candles, latencies, and a digest of the rows.

  npm run --silent certificate -- [--data DIR] [--day 2026-11-21] [--format json|table]

  --data DIR    data folder of a run (default: DATA_DIR, else the one below .data used last)
  --day D       only this UTC day (default: all)
  --format F    table for eyes (default), or json
  --help        this text

It is worked out from log, state and store, and kept in the folder as certificate.json. It ends with 1 where
something is missing, was counted twice, or differs.
`;

async function main(): Promise<void> {
  const values = argumentsOf(process.argv.slice(2));
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const format = values.format ?? 'table';
  if (format !== 'json' && format !== 'table') throw usageError(`--format ${format} is none of table, json.`);
  const { day } = values;
  if (day !== undefined && (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day)))) {
    throw usageError(`--day ${day} is not a day such as 2026-11-21.`);
  }
  const settings = settingsOrUsage(process.env, { data: values.data });
  const dir = settings.dataDir ?? (await latestDataFolder('.data'));
  const certificate = await runCertificate({
    dir,
    settings,
    environment: process.env,
    clock: systemClock,
    ...(day !== undefined && { day }),
  });
  process.stdout.write(
    format === 'json' ? `${JSON.stringify(certificate, null, 2)}\n` : formatCertificate(certificate),
  );
  if (!certificate.sound) process.exitCode = EXIT.failed;
}

function argumentsOf(args: readonly string[]) {
  try {
    const type = 'string' as const;
    return parseArgs({
      args: [...args],
      options: { data: { type }, day: { type }, format: { type }, help: { type: 'boolean' } },
    }).values;
  } catch (error) {
    throw usageError(`${error instanceof Error ? error.message : String(error)} See --help.`);
  }
}

try {
  await main();
} catch (error) {
  process.exitCode = reportFailure(error, (line) => process.stderr.write(`${line}\n`));
}
