import type { Row } from '../row.ts';
import type { Micros } from '../units.ts';
import { type Audit, auditMinute, isJudged, worstAudit } from './audit.ts';
import { type CandleFlags, candleRow } from './candle-row.ts';
import { Figures } from './figures.ts';
import type { Pane } from './pane.ts';
import { provenanceOf } from './provenance.ts';
import { BLOCK_PANES, MINUTE_PANES, type Resolution } from './resolution.ts';
import type { TradeWindows } from './trade-windows.ts';
import { type FinalWindow, isAudited } from './window-queue.ts';

/** A minute whose figures differ from the exchange's, after its kline was fetched once more. */
export interface CandleMismatch {
  readonly minute: Pane;
  readonly ours: Figures;
}

/** What became due: rows to write, minutes whose kline is to be asked for, and proven mismatches. */
export interface DueCandles {
  readonly rows: readonly Row[];
  readonly askedMinutesUs: readonly Micros[];
  /** Final minutes that were held against a kline of the exchange. */
  readonly checked: number;
  readonly mismatches: readonly CandleMismatch[];
}

interface Due {
  readonly rows: Row[];
  readonly askedMinutesUs: Micros[];
  checked: number;
  readonly mismatches: CandleMismatch[];
}

interface OpenWindow {
  readonly resolution: Resolution;
  readonly startPane: number;
}

/**
 * Decides which rows of a symbol's windows are written when: final ones at once, open ones no more often than
 * their resolution says, by the receive time of the events.
 */
export class CandleWriter {
  readonly #windows: TradeWindows;
  readonly #flags: CandleFlags;
  readonly #waiting = new Map<string, OpenWindow>();
  readonly #writtenUs = new Map<string, Micros>();

  constructor(windows: TradeWindows, flags: CandleFlags) {
    this.#windows = windows;
    this.#flags = flags;
    for (const pane of windows.panes.hot) this.#wait(pane);
  }

  /** Notes what the events folded since the last call left open. */
  collect(): void {
    for (const pane of this.#windows.panes.changed) this.#wait(pane);
  }

  /** The archive blocks that {@link take} needs and that are not at hand. */
  missingBlocks(): readonly number[] {
    const missing = new Set<number>();
    const need = (window: OpenWindow): void => {
      const last = Math.floor((window.startPane + window.resolution.sizePanes - 1) / BLOCK_PANES);
      for (let block = Math.floor(window.startPane / BLOCK_PANES); block <= last; block += 1) {
        if (!this.#windows.panes.isWhole(block)) missing.add(block);
      }
    };
    for (const window of this.#windows.queue.peek()) need(window);
    for (const window of this.#waiting.values()) need(window);
    return [...missing];
  }

  /** The rows that are due at receive time `nowUs`. */
  take(nowUs: Micros): DueCandles {
    const due: Due = { rows: [], askedMinutesUs: [], checked: 0, mismatches: [] };
    const { queue } = this.#windows;
    for (const final of queue.take()) {
      const key = keyOf(final);
      this.#waiting.delete(key);
      this.#writtenUs.delete(key);
      this.#writeFinal(final, due);
    }
    const flush = queue.flushRequested;
    queue.flushRequested = false;
    for (const [key, window] of this.#waiting) {
      const { sizePanes, writeEveryUs } = window.resolution;
      if (window.startPane + sizePanes <= this.#windows.openPane || writeEveryUs === null) {
        this.#waiting.delete(key);
        continue;
      }
      const writtenUs = this.#writtenUs.get(key);
      if (!flush && writtenUs !== undefined && nowUs - writtenUs < writeEveryUs) continue;
      this.#waiting.delete(key);
      this.#writtenUs.set(key, nowUs);
      const row = this.#row(window, undefined);
      if (row !== undefined) due.rows.push(row);
    }
    return due;
  }

  #wait(pane: Pane): void {
    for (const resolution of this.#windows.rules.resolutions) {
      if (resolution.writeEveryUs === null) continue;
      const startPane = Math.floor(pane.index / resolution.sizePanes) * resolution.sizePanes;
      const window = { resolution, startPane };
      if (startPane + resolution.sizePanes > this.#windows.openPane) this.#waiting.set(keyOf(window), window);
    }
  }

  #writeFinal(final: FinalWindow, due: Due): void {
    const row = this.#row(final, final.sequence);
    if (row === undefined) return;
    due.rows.push(row);
    if (final.resolution.sizePanes !== MINUTE_PANES || !isAudited(final.resolution)) return;
    const minute = this.#windows.panes.at(final.startPane);
    const { panes, ours } = this.#merge(final.startPane, final.startPane + MINUTE_PANES);
    const coverage = provenanceOf(panes, final.startPane, final.startPane + MINUTE_PANES).coverage;
    if (!isJudged(coverage)) return;
    if (minute.witness !== null) due.checked += 1;
    const differs = minute.witness !== null && auditMinute(ours, minute.witness.figures) === 'differs';
    if (differs && minute.witness?.confirmed === true) {
      due.mismatches.push({ minute, ours });
    } else if ((differs || minute.witness === null) && !minute.asked) {
      minute.asked = true;
      this.#windows.panes.markChanged(minute);
      due.askedMinutesUs.push(minute.startUs);
    }
  }

  #row(window: OpenWindow, finalSequence: number | undefined): Row | undefined {
    const { startPane, resolution } = window;
    const end = startPane + resolution.sizePanes;
    const { panes, ours, whales, sequence } = this.#merge(startPane, end);
    if (ours.count === 0) return undefined;
    const final = finalSequence !== undefined;
    const { symbol, epoch } = this.#windows;
    return candleRow(
      {
        symbol,
        resolution: resolution.name,
        startPane,
        figures: ours,
        whales,
        provenance: provenanceOf(panes, startPane, end),
        audit: final && isAudited(resolution) ? this.#audit(startPane, end) : 'unwitnessed',
        final,
        sequence: finalSequence ?? sequence,
      },
      this.#flags,
      epoch,
    );
  }

  #merge(start: number, end: number): { panes: Pane[]; ours: Figures; whales: number; sequence: number } {
    const panes = this.#windows.panes.between(start, end);
    const ours = new Figures();
    let whales = 0;
    let sequence = 0;
    for (const pane of panes) {
      ours.merge(pane.figures);
      whales += pane.whales;
      if (pane.sequence > sequence) sequence = pane.sequence;
    }
    return { panes, ours, whales, sequence };
  }

  #audit(start: number, end: number): Audit {
    const verdicts: Audit[] = [];
    for (let minute = start; minute < end; minute += MINUTE_PANES) {
      const { panes, ours } = this.#merge(minute, minute + MINUTE_PANES);
      if (ours.count === 0) continue;
      const { coverage } = provenanceOf(panes, minute, minute + MINUTE_PANES);
      const witness = this.#windows.panes.find(minute)?.witness ?? null;
      verdicts.push(
        witness === null || !isJudged(coverage) ? 'unwitnessed' : auditMinute(ours, witness.figures),
      );
    }
    return worstAudit(verdicts);
  }
}

function keyOf(window: OpenWindow): string {
  return `${window.resolution.name}@${window.startPane}`;
}
