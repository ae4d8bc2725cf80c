import type { LetterFilter } from '../../../functions/dead-letter/letter-book.ts';
import type { Millis } from '../../../shared/units.ts';
import { usageError } from '../cli-failure.ts';
import {
  type CommandTarget,
  commandArguments,
  DEPLOYMENT_HELP,
  taskArguments,
} from '../command-arguments.ts';
import { sinceMs } from './since.ts';

/** The text of `dlq --help`. */
export const DLQ_HELP = `Lists, shows and puts back what the monitor could not use.

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
${DEPLOYMENT_HELP}
  --help        this text

A running instance puts letters back itself, at once; else they are taken up when it starts.
`;

/** What is to be done with the letters. */
export type DlqWork =
  | { readonly kind: 'list'; readonly limit: number }
  /** `place` as {@link placeName} gives it; undefined for the newest. */
  | { readonly kind: 'show'; readonly place: string | undefined }
  | { readonly kind: 'redrive' };

/** A call of `dlq`. */
export interface DlqCall {
  readonly work: DlqWork;
  readonly filter: LetterFilter;
  readonly target: CommandTarget;
  /** The call for the command in its task, `dlq` first; a span of time is a moment there. */
  readonly taskArguments: readonly string[];
}

/** Reads the arguments; `help` where that is asked for. Fails with `USAGE`. */
export function parseDlq(args: readonly string[], nowMs: Millis): DlqCall | 'help' {
  const { flags, words, target, isHelp } = commandArguments(args, ['reason', 'since', 'limit'], {
    takesWords: true,
  });
  if (isHelp) return 'help';
  const [command, place, ...rest] = words;
  if (rest.length > 0 || (place !== undefined && command !== 'show')) {
    throw usageError('Too many arguments. See --help.');
  }
  const filter: LetterFilter = {
    reason: flags.reason ?? null,
    sinceMs: flags.since === undefined ? null : sinceMs(flags.since, nowMs),
  };
  const limit = Number(flags.limit ?? '20');
  if (!Number.isInteger(limit) || limit < 0) throw usageError('--limit is a whole number.');
  const since = filter.sinceMs === null ? undefined : new Date(filter.sinceMs).toISOString();
  return {
    work: workOf(command, place, limit),
    filter,
    target,
    taskArguments: taskArguments('dlq', words, { ...flags, since }),
  };
}

function workOf(command: string | undefined, place: string | undefined, limit: number): DlqWork {
  switch (command) {
    case 'list':
      return { kind: 'list', limit };
    case 'show':
      return { kind: 'show', place };
    case 'redrive':
      return { kind: 'redrive' };
    default:
      throw usageError('Say list, show or redrive. See --help.');
  }
}
