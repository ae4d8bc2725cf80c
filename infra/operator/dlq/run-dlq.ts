import {
  type LetterFilter,
  type LetterSource,
  placeName,
  readLetters,
} from '../../../functions/dead-letter/letter-book.ts';
import type { RedriveReport } from '../../../functions/dead-letter/redrive.ts';
import { usageError } from '../cli-failure.ts';
import type { CommandOutput } from '../command-output.ts';
import type { DlqCall } from './dlq-call.ts';
import { letterLine, letterText, redriveText } from './letter-lines.ts';

/** The dead letters of a folder or of a deployment. */
export interface Letters {
  /** Opens them for reading; `close` what was opened. */
  open(): Promise<{ readonly source: LetterSource; close(): Promise<void> }>;
  redrive(filter: LetterFilter): Promise<RedriveReport>;
}

/** Lists, shows or puts back. Fails with `USAGE` where the letter to be shown is not there. */
export async function runDlq(
  { work, filter }: Pick<DlqCall, 'work' | 'filter'>,
  letters: Letters,
  { out }: Pick<CommandOutput, 'out'>,
): Promise<void> {
  if (work.kind === 'redrive') {
    out(`${redriveText(await letters.redrive(filter))}\n`);
    return;
  }
  const { source, close } = await letters.open();
  try {
    out(
      work.kind === 'list'
        ? await listText(source, filter, work.limit)
        : await showText(source, filter, work.place),
    );
  } finally {
    await close();
  }
}

async function listText(source: LetterSource, filter: LetterFilter, limit: number): Promise<string> {
  const counts = new Map<string, number>();
  const newest: string[] = [];
  for await (const kept of readLetters(source, filter)) {
    counts.set(kept.letter.reason, (counts.get(kept.letter.reason) ?? 0) + 1);
    newest.push(letterLine(kept));
    if (newest.length > limit) newest.shift();
  }
  if (counts.size === 0) return 'There are no dead letters.\n';
  const totals = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${String(count).padStart(8)}  ${reason}\n`);
  return `${totals.join('')}${newest.length > 0 ? `\n${newest.join('\n')}\n` : ''}`;
}

async function showText(
  source: LetterSource,
  filter: LetterFilter,
  place: string | undefined,
): Promise<string> {
  let text: string | undefined;
  for await (const kept of readLetters(source, filter)) {
    if (place === undefined || placeName(kept) === place) text = letterText(kept);
  }
  if (text === undefined) throw usageError(place === undefined ? 'There is none.' : `No letter ${place}.`);
  return `${text}\n`;
}
