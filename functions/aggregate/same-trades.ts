import type { Pane } from '../../shared/window/pane.ts';
import { bytesOf, clonePane } from './pane-blocks.ts';

/** Whether two panes hold the same trades with the same figures, whatever happened to them on the way. */
export function sameTrades(a: Pane, b: Pane): boolean {
  return trades(a).equals(trades(b));
}

function trades(pane: Pane): Buffer {
  const bare = clonePane(pane);
  bare.sequence = 0;
  bare.repaired = false;
  bare.gaps = 0;
  bare.toldGaps.splice(0);
  bare.beganUs = null;
  bare.endedUs = null;
  bare.late.splice(0);
  bare.gapMarks.splice(0);
  bare.witness = null;
  bare.asked = false;
  return bytesOf(bare);
}
