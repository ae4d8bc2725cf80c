import { usageError } from '../../operator/cli-failure.ts';
import { readFlags } from '../../operator/read-flags.ts';
import { runCommand } from '../../operator/run-command.ts';
import { defaultFolder } from '../data-folder/feed-claim.ts';
import { openRecording } from '../recordings/recording.ts';
import { runReplay } from '../replay/run-replay.ts';
import { systemClock } from '../system-clock.ts';
import { ProgressLine } from '../terminal/progress-line.ts';
import { settingsOrUsage } from './command-settings.ts';
import { environmentWithFile } from './load-env-file.ts';
import { replaySpeed } from './replay-speed.ts';
import { onStopSignals, STOPPED_EARLY } from './stop-signals.ts';

const HELP = `Replays recorded market data through the whole pipeline: the signals raised on stderr, a summary as its last line.

  npm run --silent replay -- PATH… [--speed N|max] [--data DIR] [--again]

  PATH             files or folders, plain or .gz, of any format that docs/recordings.md lists
  --speed N|max    as many times as fast as recorded, or as fast as the pipeline takes it (default max)
  --data DIR       keep everything there (default .data/replay/<recording>)
  --symbols A,B    only these symbols; also the symbol of a REST file that names none
  --streams A,B    only these stream types
  --again          feed a finished recording a second time
  --help           this text
`;

async function main(): Promise<void> {
  const { values, positionals } = argumentsOf(process.argv.slice(2));
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  if (positionals.length === 0) throw usageError('Name at least one file or folder to replay. See --help.');
  const flags = { symbols: values.symbols, streams: values.streams, data: values.data };
  const environment = environmentWithFile();
  const settings = settingsOrUsage(environment, flags);
  const speed = replaySpeed(values.speed ?? 'max');
  const recording = await openRecording(positionals, {
    ...(values.symbols !== undefined && { symbols: settings.symbols }),
    ...(values.streams !== undefined && { streams: settings.streams }),
  });
  for (const warning of recording.warnings) process.stderr.write(`${warning}\n`);
  const progress = new ProgressLine(process.stderr, systemClock);
  const print = (line: string): void => {
    progress.clear();
    process.stderr.write(`${line}\n`);
  };
  const stop = new AbortController();
  let stopCode: number | undefined;
  onStopSignals(
    (code) => {
      stopCode = code;
      stop.abort();
    },
    () => progress.stop(),
  );
  const summary = await runReplay({
    recording,
    description: positionals.join(' '),
    dir: settings.dataDir ?? defaultFolder({ kind: 'replay', of: recording.digest }),
    settings,
    environment,
    speed,
    again: values.again === true,
    signal: stop.signal,
    onSignals: (lines) => lines.forEach(print),
    watch: { onTopicDifference: print, onError: (source, error) => print(`${source}: ${String(error)}`) },
    onStart: (ingest, clock) => {
      if (process.stderr.isTTY)
        progress.follow(() => ({
          frames: ingest.intake.counts.frames,
          totalFrames: recording.frames,
          timeUs: clock.nowUs(),
        }));
    },
  }).finally(() => progress.stop());
  if (stopCode !== undefined) {
    print(STOPPED_EARLY);
    process.exitCode = stopCode;
  }
  process.stdout.write(`${JSON.stringify(summary)}\n`);
}

function argumentsOf(args: readonly string[]) {
  return readFlags({
    args: [...args],
    allowPositionals: true,
    options: {
      speed: { type: 'string' },
      data: { type: 'string' },
      symbols: { type: 'string' },
      streams: { type: 'string' },
      again: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
}

await runCommand(main);
