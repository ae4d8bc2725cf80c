import { parseArgs } from 'node:util';
import { latestDataFolder } from '../data-folder/running-instance.ts';
import { runRebuild } from '../rebuild/run-rebuild.ts';
import { systemClock } from '../system-clock.ts';
import { reportFailure, usageError } from './cli-failure.ts';
import { settingsOrUsage } from './command-settings.ts';
import { commandTime } from './command-time.ts';

const HELP = `Folds the log of a symbol again and puts right what the candles of a stretch hold.

  npm run --silent rebuild -- --symbol BTCUSDT --from 2026-11-21T14:00 --to 2026-11-21T15:00 [--data DIR]

  --symbol S    the symbol
  --from T      from this time on, ISO 8601, UTC where no zone is named
  --to T        up to this time; both are widened to whole quarters of an hour
  --data DIR    data folder of a run that is stopped (default: the one below .data used last)
  --help        this text

Rows that are as the log makes them are left alone, so a second rebuild writes nothing. The last line is JSON.
`;

async function main(): Promise<void> {
  const values = argumentsOf(process.argv.slice(2));
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  if (values.symbol === undefined) throw usageError('Name the symbol with --symbol. See --help.');
  const fromUs = commandTime('from', values.from);
  const toUs = commandTime('to', values.to);
  if (toUs <= fromUs) throw usageError('--to must be later than --from.');
  const settings = settingsOrUsage(process.env, { data: values.data });
  const dir = settings.dataDir ?? (await latestDataFolder('.data'));
  const report = await runRebuild({
    range: { symbol: values.symbol.toUpperCase(), fromUs, toUs },
    dir,
    settings,
    environment: process.env,
    clock: systemClock,
  });
  process.stdout.write(
    `${JSON.stringify({
      symbol: report.symbol,
      from: new Date(report.fromUs / 1_000).toISOString(),
      to: new Date(report.toUs / 1_000).toISOString(),
      compared: report.compared,
      rows_written: report.rowsWritten,
      panes_replaced: report.panesReplaced,
      epoch: report.epoch,
    })}\n`,
  );
}

function argumentsOf(args: readonly string[]) {
  try {
    const type = 'string' as const;
    return parseArgs({
      args: [...args],
      options: {
        symbol: { type },
        from: { type },
        to: { type },
        data: { type },
        help: { type: 'boolean' },
      },
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
