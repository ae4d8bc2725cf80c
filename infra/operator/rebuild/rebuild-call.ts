import type { RebuildRange } from '../../../functions/aggregate/rebuild.ts';
import { usageError } from '../cli-failure.ts';
import {
  type CommandTarget,
  commandArguments,
  DEPLOYMENT_HELP,
  taskArguments,
} from '../command-arguments.ts';
import { commandTime } from '../command-time.ts';

/** The text of `rebuild --help`. */
export const REBUILD_HELP = `Folds the log of a symbol, or recordings of it, again and puts right what the candles of a stretch hold.

  npm run --silent rebuild -- --symbol BTCUSDT --from 2026-11-21T14:00 --to 2026-11-21T15:00 [--data DIR] [--files PATH…]

  --symbol S    the symbol
  --from T      from this time on, ISO 8601, UTC where no zone is named
  --to T        up to this time; both are widened to whole quarters of an hour
  --data DIR    data folder of a run that is stopped (default: the one below .data used last)
  --files PATH… fold these recordings instead of the log: files or folders, all that a replay takes; not with --aws
${DEPLOYMENT_HELP}
  --help        this text

Rows that are as the log makes them are left alone, so a second rebuild writes nothing. Files must hold every trade
that the candles of the stretch count, and may hold more: what the log lost. Signals and the rows of single trades are
not rebuilt. The last line is JSON.
`;

/** A call of `rebuild`. */
export interface RebuildCall {
  readonly range: RebuildRange;
  /** Recordings to fold instead of the log. */
  readonly files: readonly string[] | undefined;
  readonly target: CommandTarget;
  /** The call for the command in its task, `rebuild` first. */
  readonly taskArguments: readonly string[];
}

/** Reads the arguments; `help` where that is asked for. Fails with `USAGE`. */
export function parseRebuild(args: readonly string[]): RebuildCall | 'help' {
  const { flags, lists, words, target, isHelp } = commandArguments(args, ['symbol', 'from', 'to'], {
    lists: ['files'],
    takesWords: true,
  });
  if (isHelp) return 'help';
  if (flags.symbol === undefined) throw usageError('Name the symbol with --symbol. See --help.');
  const fromUs = commandTime('from', flags.from);
  const toUs = commandTime('to', flags.to);
  if (lists.files === undefined && words.length > 0) {
    throw usageError(`What is ${words[0]}? Name recordings after --files. See --help.`);
  }
  if (lists.files !== undefined && target.kind === 'deployment') {
    throw usageError(
      '--files stand on this machine, where the task cannot read them: leave them or --aws out.',
    );
  }
  if (toUs <= fromUs) throw usageError('--to must be later than --from.');
  return {
    range: { symbol: flags.symbol.toUpperCase(), fromUs, toUs },
    // The first path is the flag's value, those after it stand alone.
    files: lists.files && [...lists.files, ...words],
    target,
    taskArguments: taskArguments('rebuild', [], flags),
  };
}
