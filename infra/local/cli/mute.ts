import { changeMutes, readMute } from '../../../functions/notify/mute-command.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import { EXIT, reportFailure } from '../../operator/cli-failure.ts';
import { readFlags } from '../../operator/read-flags.ts';
import { mutesOfFolder, mutesOnAws } from '../alerting/open-mutes.ts';
import { dataFolder } from './data-folder-flag.ts';
import { environmentWithFile } from './load-env-file.ts';

const HELP = `Mutes market alarms for a while; faults of the pipeline cannot be muted.

  npm run --silent mute -- [--symbol S] [--kind K] --for 2h [--note "why"]
  npm run --silent mute -- --list
  npm run --silent mute -- --clear

  --symbol S   only alarms of this symbol, such as BTCUSDT
  --kind K     only this kind, such as whale or price-spike
  --for T      how long: 30m, 2h, 1d
  --note TEXT  why, for whoever lists the mutes
  --data DIR   data folder of a run (default: DATA_DIR, else the one below .data used last)
  --help       this text

With STATE_TABLE set the mutes are those of that DynamoDB table: a deployment on AWS.
`;

async function main(): Promise<void> {
  const values = flagsOf(process.argv.slice(2));
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const nowMs = Date.now();
  const added = values.list === true || values.clear === true ? null : readMute(values, nowMs);
  const environment = environmentWithFile();
  const table = environment.STATE_TABLE;
  const mutes = table ? mutesOnAws(table) : await mutesOfFolder(await dataFolder(values.data, environment));
  try {
    if (values.clear === true) await mutes.store.saveMutes([]);
    const kept = await changeMutes(mutes.store, added, nowMs);
    if (kept.length === 0) process.stdout.write('Nothing is muted.\n');
    for (const mute of kept) {
      const what = `${mute.kind ?? 'every kind'} of ${mute.symbol ?? 'every symbol'}`;
      process.stdout.write(`${what} until ${new Date(mute.untilMs).toISOString()} ${mute.note}`.trimEnd());
      process.stdout.write('\n');
    }
  } finally {
    await mutes.close();
  }
}

function flagsOf(args: readonly string[]) {
  return readFlags({
    args: [...args],
    options: {
      symbol: { type: 'string' },
      kind: { type: 'string' },
      for: { type: 'string' },
      note: { type: 'string' },
      data: { type: 'string' },
      list: { type: 'boolean' },
      clear: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
}

try {
  await main();
} catch (error) {
  const code = reportFailure(error, (line) => process.stderr.write(`${line}\n`));
  process.exitCode = error instanceof CodedError && error.code === 'MUTE_INVALID' ? EXIT.usage : code;
}
