import { parseArgs } from 'node:util';
import { type LetterFilter, placeName, readLetters } from '../../../functions/dead-letter/letter-book.ts';
import { parseKafkaSettings } from '../../../shared/settings/kafka-settings.ts';
import { latestDataFolder, requireFolder } from '../data-folder/running-instance.ts';
import { letterLine, letterText, redriveText } from '../dlq/letter-lines.ts';
import { type LettersOptions, openLetters, redriveLetters } from '../dlq/open-letters.ts';
import { sinceMs } from '../dlq/since.ts';
import { systemClock } from '../system-clock.ts';
import { reportFailure, usageError } from './cli-failure.ts';
import { settingsOrUsage } from './command-settings.ts';

const HELP = `Lists, shows and puts back what the monitor could not use.

  npm run --silent dlq -- list [--reason R] [--since T] [--limit N]
  npm run --silent dlq -- show [LETTER] [--reason R] [--since T]
  npm run --silent dlq -- redrive [--reason R] [--since T]

  list          counts by reason, and the newest letters
  show          one letter with its bytes: the one named, else the newest
  redrive       puts back what today's rules take, and writes refused rows again; the rest stays. Each return
                counts as an attempt, and after five a letter is left
  --reason R    only letters with this reason, such as NOT_POSITIVE
  --since T     only letters kept since: 30m, 2h, 1d, or a date and time
  --limit N     letters that list shows (default 20)
  --data DIR    data folder of a run (default: DATA_DIR, else the one below .data used last)
  --help        this text

A running instance puts letters back itself, at once; else they are taken up when it starts.
`;

const DATA_ROOT = '.data';

async function main(): Promise<void> {
  const { values, positionals } = argumentsOf(process.argv.slice(2));
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const [command, place, ...rest] = positionals;
  if (rest.length > 0 || (place !== undefined && command !== 'show')) {
    throw usageError('Too many arguments. See --help.');
  }
  const filter: LetterFilter = {
    reason: values.reason ?? null,
    sinceMs: values.since === undefined ? null : sinceMs(values.since, Date.now()),
  };
  const limit = Number(values.limit ?? '20');
  if (!Number.isInteger(limit) || limit < 0) throw usageError('--limit is a whole number.');
  switch (command) {
    case 'list':
      return list(await optionsOf(values.data), filter, limit);
    case 'show':
      return show(await optionsOf(values.data), filter, place);
    case 'redrive': {
      const report = await redriveLetters(await optionsOf(values.data), filter);
      process.stdout.write(`${redriveText(report)}\n`);
      return;
    }
    default:
      throw usageError('Say list, show or redrive. See --help.');
  }
}

async function list(options: LettersOptions, filter: LetterFilter, limit: number): Promise<void> {
  const letters = await openLetters(options);
  try {
    const counts = new Map<string, number>();
    const newest: string[] = [];
    for await (const kept of readLetters(letters.source, filter)) {
      counts.set(kept.letter.reason, (counts.get(kept.letter.reason) ?? 0) + 1);
      newest.push(letterLine(kept));
      if (newest.length > limit) newest.shift();
    }
    if (counts.size === 0) process.stdout.write('There are no dead letters.\n');
    for (const [reason, count] of [...counts].sort(([, a], [, b]) => b - a)) {
      process.stdout.write(`${String(count).padStart(8)}  ${reason}\n`);
    }
    if (newest.length > 0) process.stdout.write(`\n${newest.join('\n')}\n`);
  } finally {
    await letters.close();
  }
}

async function show(options: LettersOptions, filter: LetterFilter, place: string | undefined): Promise<void> {
  const letters = await openLetters(options);
  try {
    let text: string | undefined;
    for await (const kept of readLetters(letters.source, filter)) {
      if (place === undefined || placeName(kept) === place) text = letterText(kept);
    }
    if (text === undefined) throw usageError(place === undefined ? 'There is none.' : `No letter ${place}.`);
    process.stdout.write(`${text}\n`);
  } finally {
    await letters.close();
  }
}

async function optionsOf(data: string | undefined): Promise<LettersOptions> {
  const settings = settingsOrUsage(process.env, { data });
  const common = {
    environment: process.env,
    settings,
    clock: systemClock,
    symbols: process.env.SYMBOLS === undefined ? undefined : new Set(settings.symbols),
  };
  const given = settings.dataDir;
  if (given === null && parseKafkaSettings(process.env).kind !== 'none') return { ...common, dir: null };
  const dir = given ?? (await latestDataFolder(DATA_ROOT));
  if (given === null) process.stderr.write(`Reading ${dir}.\n`);
  await requireFolder(dir);
  return { ...common, dir };
}

function argumentsOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        reason: { type: 'string' },
        since: { type: 'string' },
        limit: { type: 'string' },
        data: { type: 'string' },
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
