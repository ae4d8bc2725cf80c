import { ByteWriter } from '../../shared/state/byte-writer.ts';
import { writePane } from '../../shared/state/pane-codec.ts';
import type { Pane } from '../../shared/window/pane.ts';

/**
 * Whether two panes would make the same rows: equal but for the sequence numbers, which only order changes among
 * themselves, for the note that a kline was asked for, and for the notes of earlier rebuilds.
 */
export function samePane(a: Pane, b: Pane): boolean {
  return content(a).equals(content(b));
}

function content(pane: Pane): Buffer {
  const { sequence, asked } = pane;
  const late = pane.late.splice(0);
  const marks = pane.gapMarks.splice(0);
  pane.sequence = 0;
  pane.asked = false;
  for (const entry of late) pane.late.push({ ...entry, sequence: 0 });
  for (const entry of marks) if (entry.reason !== 'rebuild') pane.gapMarks.push({ ...entry, sequence: 0 });
  const to = new ByteWriter();
  writePane(pane, to);
  // As it was: the panes belong to the caller.
  pane.sequence = sequence;
  pane.asked = asked;
  pane.late.splice(0, pane.late.length, ...late);
  pane.gapMarks.splice(0, pane.gapMarks.length, ...marks);
  return to.finish();
}
