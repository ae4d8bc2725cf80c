import { type KeptLetter, placeName } from '../../../functions/dead-letter/letter-book.ts';
import type { RedriveReport } from '../../../functions/dead-letter/redrive.ts';
import { LEFT_REASONS, type LeftReason } from '../../../functions/dead-letter/repair.ts';

const SHOWN_CHARACTERS = 100;

/** One letter in one line: where it stands, when it was kept, why, what of. */
export function letterLine(kept: KeptLetter): string {
  const { letter, keptMs, redrivenMs } = kept;
  const source = `${letter.topic}/${letter.partition}/${letter.offset}`;
  const tried = letter.attempts === 1 ? '' : `  attempt ${letter.attempts}`;
  const state = redrivenMs === null ? '' : '  redriven';
  const error = printable(letter.error);
  const shown = error.length <= SHOWN_CHARACTERS ? error : `${error.slice(0, SHOWN_CHARACTERS - 3)}...`;
  return `${placeName(kept).padStart(8)}  ${iso(keptMs)}  ${letter.reason.padEnd(18)}  ${letter.key ?? '-'}  ${source}${tried}${state}  ${shown}`;
}

/** A letter whole, its payload last. */
export function letterText(kept: KeptLetter): string {
  const { letter } = kept;
  const fields = [
    ['letter', placeName(kept)],
    ['reason', letter.reason],
    ['error', printable(letter.error)],
    ['source', `${letter.topic}, partition ${letter.partition}, offset ${letter.offset}`],
    ['key', letter.key ?? 'none'],
    ['received', iso(letter.receivedMs)],
    ['refused', iso(letter.refusedMs)],
    ['attempts', String(letter.attempts)],
    ['redriven', kept.redrivenMs === null ? 'no' : iso(kept.redrivenMs)],
    ['payload', `${letter.payload.length} bytes`],
  ] as const;
  const lines = fields.map(([name, value]) => `${name.padEnd(9)} ${value}`);
  return [...lines, '', payloadText(letter.payload)].join('\n');
}

/** What a redrive did, in sentences. */
export function redriveText(report: RedriveReport): string {
  const lines = [
    `${report.letters} letters looked at: ${report.records} records put back, ${report.rows} rows written.`,
  ];
  for (const [why, count] of Object.entries(report.left)) {
    lines.push(`${count} left (${why}): ${LEFT_REASONS[why as LeftReason] ?? ''}`);
  }
  return lines.join('\n');
}

/** UTF-8 as text, anything else in hexadecimal, sixteen bytes a line. */
function payloadText(payload: Uint8Array): string {
  try {
    return printable(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    const hex = Buffer.from(payload).toString('hex');
    return (hex.match(/.{1,32}/g) ?? []).join('\n');
  }
}

/** A payload may hold anything, also what a terminal would obey. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '\uFFFD');
}

function iso(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
