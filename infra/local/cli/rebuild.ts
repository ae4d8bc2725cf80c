import { parseArgs } from 'node:util';
import { latestDataFolder } from '../data-folder/running-instance.ts';
import { runRebuild } from '../rebuild/run-rebuild.ts';
import { systemClock } from '../system-clock.ts';
import { reportFailure, usageError } from './cli-failure.ts';
import { settingsOrUsage } from './command-settings.ts';
import { commandTime } from './command-time.ts';

const HELP = `Folds the log of a symbol, or recordings of it, again and puts right what the candles of a stretch hold.

  npm run --silent rebuild -- --symbol BTCUSDT --from 2026-11-21T14:00 --to 2026-11-21T15:00 [--data DIR] [--files PATH…]

  --symbol S    the symbol
  --from T      from this time on, ISO 8601, UTC where no zone is named
  --to T        up to this time; both are widened to whole quarters of an hour
  --data DIR    data folder of a run that is stopped (default: the one below .data used last)
  --files PATH… fold these recordings instead of the log: files or folders, all that a replay takes
  --help        this text

Rows that are as the log makes them are left alone, so a second rebuild writes nothing. Files must hold every trade
that the candles of the stretch count, and may hold more: what the log lost. Signals and the rows of single trades are
not rebuilt. The last line is JSON.
`;

async function main(): Promise<void> {
  const { values, positionals } = argumentsOf(process.argv.slice(2));
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  if (values.symbol === undefined) throw usageError('Name the symbol with --symbol. See --help.');
  const fromUs = commandTime('from', values.from);
  const toUs = commandTime('to', values.to);
  if (values.files === undefined && positionals.length > 0) {
    throw usageError(`What is ${positionals[0]}? Name recordings after --files. See --help.`);
  }
  if (toUs <= fromUs) throw usageError('--to must be later than --from.');
  const settings = settingsOrUsage(process.env, { data: values.data });
  const dir = settings.dataDir ?? (await latestDataFolder('.data'));
  const report = await runRebuild({
    range: { symbol: values.symbol.toUpperCase(), fromUs, toUs },
    dir,
    ...(values.files !== undefined && { files: [...values.files, ...positionals] }),
    onWarning: (warning) => process.stderr.write(`${warning}\n`),
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
      allowPositionals: true,
      options: {
        symbol: { type },
        from: { type },
        to: { type },
        data: { type },
        // The first path is the flag's value, those after it stand alone.
        files: { type, multiple: true },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw usageError(`${error instanceof Error ? error.message : String(error)} See --help.`);
  }
}

try {
  await main();
} catch (error) {
  process.exitCode = reportFailure(error, (line) => process.stderr.write(`${line}\n`));
}
