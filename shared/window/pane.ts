import type { KlineFigures } from '../events/kline.ts';
import { IdRanges } from '../id-ranges.ts';
import type { Micros } from '../units.ts';
import { Figures } from './figures.ts';
import type { ToldGap } from './gap-changes.ts';
import { PANE_US } from './resolution.ts';

/** Why a row changed after it was final. */
export type RevisionReason = 'late' | 'repair' | 'gap' | 'rebuild';

/** Trades that fell into a pane after the watermark had passed it, by how far it had. */
export interface LateTrades {
  /** The first pane that was still open then: every window that ends at or before it was final. */
  readonly openPane: number;
  count: number;
  /** The sequence number of the latest of them. */
  sequence: number;
  reason: RevisionReason;
}

/**
 * A change of a gap that touches a pane at its edge, made after the watermark had passed the pane. With the reason
 * `rebuild`: the pane was put in the place of another by a rebuild, which is no revision of its own.
 */
export interface GapMark {
  readonly openPane: number;
  readonly sequence: number;
  readonly reason: RevisionReason;
}

/** The exchange's kline of the minute that starts with a pane. */
export interface Witness {
  readonly figures: KlineFigures;
  /** It was fetched on purpose, or came a second time with other figures: a difference is proven. */
  readonly confirmed: boolean;
}

/**
 * Ten seconds of trades of one symbol with all that later has to be known of them. A window is a pure function
 * of its panes, so nothing else needs to be kept for any window.
 */
export class Pane {
  /** Its start is `index` × 10 s. */
  readonly index: number;
  readonly figures = new Figures();
  readonly ids = new IdRanges();
  /** Trades whose quote value reached the whale threshold. */
  whales = 0;
  /** The sequence number of the event that last changed it. */
  sequence = 0;
  /** Some trades came by repair over REST. */
  repaired = false;
  /** Some came as aggregates only. */
  repairedByAggregate = false;
  /** Open or unfillable gaps that begin or end in this pane. */
  gaps = 0;
  /** What was told of the gaps that begin after a trade of this pane. */
  readonly toldGaps: ToldGap[] = [];
  /** A watch session began or ended here. */
  beganUs: Micros | null = null;
  endedUs: Micros | null = null;
  readonly late: LateTrades[] = [];
  readonly gapMarks: GapMark[] = [];
  witness: Witness | null = null;
  /** The kline of this minute has been asked for. */
  asked = false;

  readonly startUs: Micros;
  readonly endUs: Micros;

  constructor(index: number) {
    this.index = index;
    this.startUs = index * PANE_US;
    this.endUs = this.startUs + PANE_US;
  }

  /** Notes that `trades` trades arrived when every pane before `openPane` was closed. */
  noteLate(openPane: number, trades: number, sequence: number, reason: RevisionReason): void {
    const known = this.late.find((entry) => entry.openPane === openPane);
    if (known === undefined) {
      this.late.push({ openPane, count: trades, sequence, reason });
      return;
    }
    known.count += trades;
    known.sequence = sequence;
    known.reason = reason;
  }
}
