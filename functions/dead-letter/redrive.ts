import { encodeRedriveMark, REDRIVE_MARK_HEADER } from '../../shared/events/redrive-mark.ts';
import type { LogProducer, OutgoingRecord } from '../../shared/log/log.ts';
import type { Row, RowWriter } from '../../shared/row.ts';
import { type KeptLetter, type LetterFilter, type LetterSource, readLetters } from './letter-book.ts';
import { type LeftReason, type RepairDeps, repairOf } from './repair.ts';

/** Letters that are put back in one go. */
const STRETCH = 200;

/** What a redrive stands on. */
export interface RedriveDeps extends LetterSource, Pick<RepairDeps, 'rules'> {
  readonly producer: LogProducer;
  /** The store, for refused rows; asked for where there is one to write. */
  readonly rows: () => Promise<RowWriter>;
}

/** What became of the letters. */
export interface RedriveReport {
  /** Letters that the filter took. */
  readonly letters: number;
  /** Records put back into their raw topic. */
  readonly records: number;
  /** Rows that the store has now. */
  readonly rows: number;
  /** Letters left where they are, by the code of {@link LeftReason}. */
  readonly left: Readonly<Partial<Record<LeftReason, number>>>;
}

interface Stretch {
  readonly records: OutgoingRecord[];
  readonly recordLetters: KeptLetter[];
  readonly rows: { readonly row: Row; readonly kept: KeptLetter }[];
}

/**
 * Puts back what today's rules would take, each record once, and marks its letters in the dead letter topic. It
 * cannot loop: only the letters that stood there at the call are looked at, a marked one is left, and each return
 * counts as an attempt, of which there are five. Cut short between a record and its mark, the next redrive puts
 * that record back once more, which its trade id or update id makes harmless.
 */
export async function redrive(deps: RedriveDeps, filter: LetterFilter): Promise<RedriveReport> {
  const left: Partial<Record<LeftReason, number>> = {};
  const totals = { letters: 0, records: 0, rows: 0 };
  const leave = (why: LeftReason): void => {
    left[why] = (left[why] ?? 0) + 1;
  };
  /** Places of the source records: a retried function may have written several letters about one. */
  const sources = new Set<string>();
  const rawTopics = [...new Set(Object.values(deps.rawTopics))];
  let stretch = newStretch();
  for await (const kept of readLetters(deps, filter)) {
    totals.letters += 1;
    const { letter } = kept;
    const source = `${letter.topic} ${letter.partition} ${letter.offset}`;
    if (kept.redrivenMs !== null || sources.has(source)) {
      sources.add(source);
      leave('ALREADY_REDRIVEN');
      continue;
    }
    const repair = await repairOf(letter, { reader: deps.reader, rawTopics, rules: deps.rules });
    if (repair.kind === 'left') {
      leave(repair.why);
      continue;
    }
    sources.add(source);
    if (repair.kind === 'row') {
      stretch.rows.push({ row: repair.row, kept });
    } else {
      stretch.records.push(repair.record);
      stretch.recordLetters.push(kept);
    }
    if (stretch.records.length + stretch.rows.length < STRETCH) continue;
    await putBack(stretch, deps, totals, leave);
    stretch = newStretch();
  }
  await putBack(stretch, deps, totals, leave);
  return { ...totals, left };
}

async function putBack(
  stretch: Stretch,
  deps: RedriveDeps,
  totals: { records: number; rows: number },
  leave: (why: LeftReason) => void,
): Promise<void> {
  const done = [...stretch.recordLetters];
  if (stretch.records.length > 0) await deps.producer.send(stretch.records);
  totals.records += stretch.records.length;
  if (stretch.rows.length > 0) {
    const writer = await deps.rows();
    const { refused } = await writer.write(stretch.rows.map(({ row }) => row));
    const refusedRows = new Set(refused.map(({ row }) => row));
    for (const { row, kept } of stretch.rows) {
      if (refusedRows.has(row)) {
        leave('STILL_REFUSED');
      } else {
        done.push(kept);
        totals.rows += 1;
      }
    }
  }
  if (done.length === 0) return;
  const value = encodeRedriveMark(done);
  await deps.producer.send([
    { topic: deps.deadLetterTopic, key: null, value, headers: [[REDRIVE_MARK_HEADER, '1']] },
  ]);
}

function newStretch(): Stretch {
  return { records: [], recordLetters: [], rows: [] };
}
