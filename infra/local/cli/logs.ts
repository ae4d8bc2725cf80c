import { EXIT, usageError } from '../../operator/cli-failure.ts';
import { readFlags } from '../../operator/read-flags.ts';
import { runCommand } from '../../operator/run-command.ts';
import { readableLine } from '../status/log-line.ts';
import { followLog, lastLogLines } from '../status/log-tail.ts';
import { systemClock } from '../system-clock.ts';
import { paletteFor } from '../terminal/palette.ts';
import { dataFolder } from './data-folder-flag.ts';
import { environmentWithFile } from './load-env-file.ts';

const HELP = `Prints what a monitor has told, running or not.

  npm run logs [-- --data DIR] [-n N] [-f] [--json]

  --data DIR     its data folder (default: DATA_DIR, else the one below .data used last)
  -n, --lines N  how many of the last lines (default 40)
  -f, --follow   goes on with what is told from now, until Ctrl-C
  --json         the lines as they are kept: JSON, one a line
  --help         this text
`;

async function main(): Promise<void> {
  const values = flagsOf(process.argv.slice(2));
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const count = lineCount(values.lines ?? '40');
  const environment = environmentWithFile();
  const dir = await dataFolder(values.data, environment);
  const palette = paletteFor(process.stdout.isTTY === true, environment);
  const print = (line: string): void => {
    process.stdout.write(`${values.json === true ? line : palette(readableLine(line))}\n`);
  };
  // A reader that goes away, such as head, ends the command and is no failure.
  process.stdout.on('error', () => process.exit(EXIT.ok));
  if (values.follow === true) {
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    await followLog(dir, { onLine: print, last: count, signal: stop.signal, clock: systemClock });
    return;
  }
  const lines = await lastLogLines(dir, count);
  for (const line of lines) print(line);
  if (lines.length === 0 && count > 0) process.stderr.write(`No run has told anything in ${dir} yet.\n`);
}

function lineCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw usageError(`--lines is "${text}"; allowed: a whole number from 0 to 999999.`);
}

function flagsOf(args: readonly string[]): {
  readonly data?: string;
  readonly lines?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
  readonly help?: boolean;
} {
  return readFlags({
    args: [...args],
    options: {
      data: { type: 'string' },
      lines: { type: 'string', short: 'n' },
      follow: { type: 'boolean', short: 'f' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
}

await runCommand(main);
