import type { MarketEvent } from '../../../shared/events/market-event.ts';
import type { GapChange } from '../../../shared/events/tick.ts';
import type { Micros } from '../../../shared/units.ts';
import { DEFAULT_RESOLUTIONS, PANE_US } from '../../../shared/window/resolution.ts';

/** How often a window was revised, and why the last time; both reasons where one event had two. */
export interface Revisions {
  count: number;
  reasons: ReadonlySet<string>;
}

interface Told {
  readonly change: GapChange;
  readonly states: Set<string>;
  came: boolean;
}

const LARGEST_WINDOW = 90;

/**
 * Counts what changed each window after it was final, by a fold of its own over the validated log of one symbol:
 * slow, without state that has to fit anywhere, and without a word about how the windows are kept.
 */
export class ReferenceRevisions {
  readonly #delayUs: Micros;
  readonly #found = new Map<string, Revisions>();
  readonly #ids = new Set<number>();
  readonly #told = new Map<string, Told>();
  #maxEventUs = -1;
  /** The first pane that is not final. */
  #openPane = Number.NEGATIVE_INFINITY;
  #lastTraded = -1;

  constructor(delayUs: Micros) {
    this.#delayUs = delayUs;
  }

  of(resolution: string, startPane: number): Revisions {
    return this.#found.get(`${resolution} ${startPane}`) ?? { count: 0, reasons: new Set() };
  }

  take(event: MarketEvent): void {
    switch (event.kind) {
      case 'trade':
        this.#trades([event.tradeId, event.tradeId], event.tradeTimeUs, event.source === 'backfill');
        return;
      case 'aggTrade':
        if (event.source === 'backfill')
          this.#trades([event.firstTradeId, event.lastTradeId], event.tradeTimeUs, true);
        return;
      case 'kline':
        this.#advance(event.endTimeUs);
        return;
      case 'tick':
        if (event.gap !== null) this.#tell(event.gap);
        this.#advance(event.timeUs);
        if (event.endedUs !== null)
          this.#openPane = Math.max(this.#openPane, this.#lastTraded + LARGEST_WINDOW);
        return;
      case 'quote':
        return;
    }
  }

  #trades([from, to]: readonly [number, number], timeUs: Micros, isRepair: boolean): void {
    for (let id = from; id <= to; id += 1) if (this.#ids.has(id)) return;
    for (let id = from; id <= to; id += 1) this.#ids.add(id);
    const pane = Math.floor(timeUs / PANE_US);
    const reason = isRepair ? 'repair' : 'late';
    const revised = this.#revise([pane], to - from + 1, reason);
    this.#lastTraded = Math.max(this.#lastTraded, pane);
    const closed: number[] = [];
    for (const told of this.#told.values()) {
      const { change } = told;
      if (!isMissing(told) || to < change.from || from > change.to + 1) continue;
      // Until the trade after it is there, it is for ingest to say that the gap is filled.
      if (!this.#hasAll(change.from, change.to + 1)) continue;
      told.came = true;
      closed.push(...edgesOf(change));
    }
    for (const key of this.#revise(closed, 1, 'repair')) {
      const revisions = this.#found.get(key);
      if (revisions !== undefined && revised.has(key)) revisions.reasons = new Set([reason, 'repair']);
    }
    this.#advance(timeUs);
  }

  #tell(change: GapChange): void {
    const [before] = edgesOf(change);
    const key = `${before} ${change.from}-${change.to}`;
    const told = this.#told.get(key) ?? { change, states: new Set<string>(), came: false };
    this.#told.set(key, told);
    const wasMissing = isMissing(told);
    told.states.add(change.state);
    if (isMissing(told) === wasMissing) return;
    if (!wasMissing && this.#hasAll(change.from, change.to)) told.came = true;
    else this.#revise(edgesOf(told.change), 1, wasMissing ? 'repair' : 'gap');
  }

  /** Counts an event for every window that was final and holds one of the panes. */
  #revise(panes: readonly number[], count: number, reason: string): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const pane of panes) {
      for (const { name, sizePanes, stepPanes } of DEFAULT_RESOLUTIONS) {
        for (let start = pane - sizePanes + 1; start <= pane; start += 1)
          if (start % stepPanes === 0 && start + sizePanes <= this.#openPane) keys.add(`${name} ${start}`);
      }
    }
    for (const key of keys) {
      const before = this.#found.get(key)?.count ?? 0;
      this.#found.set(key, { count: before + count, reasons: new Set([reason]) });
    }
    return keys;
  }

  #advance(timeUs: Micros): void {
    this.#maxEventUs = Math.max(this.#maxEventUs, timeUs);
    this.#openPane = Math.max(this.#openPane, Math.floor((this.#maxEventUs - this.#delayUs) / PANE_US));
  }

  #hasAll(from: number, to: number): boolean {
    for (let id = from; id <= to; id += 1) if (!this.#ids.has(id)) return false;
    return true;
  }
}

function isMissing({ states, came }: Told): boolean {
  return states.size > 0 && !states.has('filled') && !came;
}

function edgesOf({ beforeUs, afterUs }: GapChange): readonly [before: number, after: number] {
  return [Math.floor(beforeUs / PANE_US), Math.floor(afterUs / PANE_US)];
}
