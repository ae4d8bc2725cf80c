import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { thresholdsFor } from '../../../shared/signals/thresholds.ts';
import { readQuoteState, writeQuoteState } from '../../../shared/state/quote-state.ts';
import { QuoteWindows } from '../../../shared/window/quote-windows.ts';
import { spreadRow } from '../../../shared/window/spread-row.ts';
import { SPREAD_WINDOW_US } from '../../../shared/window/spread-window.ts';
import { columnsOf, tick } from './window-fixtures.ts';

const START_US = 60_000 * SPREAD_WINDOW_US;
const DELAY_US = 10_000_000;
const thresholds = thresholdsFor('BTCUSDT');

function quoteAt(updateId: number, receivedUs: number) {
  return { updateId, receivedUs, bidUnits: 100, bidScale: 0, askUnits: 102, askScale: 0 };
}

/** Receive time so many seconds after the start of the first window. */
function at(seconds: number): number {
  return START_US + seconds * 1_000_000;
}

/** A record of the validated topic, with times in seconds. */
type Step =
  | { readonly quote: number; readonly id?: number }
  | { readonly beat: number }
  | { readonly began?: number; readonly ended?: number };

function fold(windows: QuoteWindows, step: Step, index: number): void {
  if ('quote' in step) windows.foldQuote(quoteAt(step.id ?? index, at(step.quote)));
  else if ('beat' in step) windows.foldTick(tick({ feed: 'quotes', timeUs: at(step.beat) }));
  else {
    const beganUs = step.began === undefined ? null : at(step.began);
    const endedUs = step.ended === undefined ? null : at(step.ended);
    windows.foldTick(tick({ feed: 'quotes', timeUs: beganUs ?? endedUs ?? 0, beganUs, endedUs }));
  }
}

/** The last row of each window, by its number, after these records; state is stored and read at the `cuts`. */
function rowsAfter(steps: readonly Step[], cuts: ReadonlySet<number> = new Set()) {
  let windows = new QuoteWindows('BTCUSDT', DELAY_US, 1);
  const rows = new Map<string, { version: string; columns: Record<string, string> }>();
  const take = (): void => {
    for (const due of windows.take(0)) {
      const row = spreadRow('BTCUSDT', due, thresholds, 1);
      const before = rows.get(row.timeNs);
      const columns = columnsOf(row);
      if (before !== undefined && BigInt(before.version) >= BigInt(row.version)) {
        assert.deepEqual({ version: row.version, columns }, before, 'the same version of other columns');
        continue;
      }
      rows.set(row.timeNs, { version: row.version, columns });
    }
  };
  steps.forEach((step, index) => {
    fold(windows, step, index);
    if (!cuts.has(index)) return;
    take();
    windows = readQuoteState('BTCUSDT', DELAY_US, writeQuoteState(windows));
  });
  fold(windows, { ended: 1_000 }, steps.length);
  take();
  return rows;
}

/** Which windows are complete and which partial, by their number from the first. */
function coverage(steps: readonly Step[]): Record<number, string | undefined> {
  return Object.fromEntries(
    [...rowsAfter(steps)].map(([timeNs, { columns }]) => [
      (Number(timeNs.slice(0, -3)) - START_US) / SPREAD_WINDOW_US,
      columns.coverage,
    ]),
  );
}

/** Watched from the window before on, so that nothing else is partial. */
const WATCHED: readonly Step[] = [{ began: -20 }, { quote: -20 }, { quote: 1 }];

describe('QuoteWindows', () => {
  it('a watch that begins in a window whose row stands already gives the row a higher version', () => {
    const windows = new QuoteWindows('BTCUSDT', DELAY_US, 1);
    const rows = (nowUs: number) =>
      windows.take(nowUs).map((due) => spreadRow('BTCUSDT', due, thresholds, 1));
    windows.foldQuote(quoteAt(1, at(1)));
    const [open] = rows(at(1));
    assert.equal(open && columnsOf(open).coverage, 'complete');
    windows.foldTick(tick({ feed: 'quotes', timeUs: at(4), beganUs: at(4) }));
    const [partial] = rows(at(4));
    assert.ok(open !== undefined && partial !== undefined);
    assert.equal(columnsOf(partial).coverage, 'partial');
    assert.ok(BigInt(partial.version) > BigInt(open.version));
  });

  it('an interruption that ends in a later window revises the final row of the one in which it began', () => {
    const windows = new QuoteWindows('BTCUSDT', DELAY_US, 1);
    windows.foldQuote(quoteAt(1, at(1)));
    windows.foldTick(tick({ feed: 'quotes', timeUs: at(60) }));
    const [final] = windows.take(0);
    assert.equal(final?.final, true);
    const before = final && spreadRow('BTCUSDT', final, thresholds, 1).version;
    windows.foldTick(tick({ feed: 'quotes', timeUs: at(65), endedUs: at(2), beganUs: at(65) }));
    const [again] = windows.take(0);
    assert.equal(again?.final, true);
    const row = again && spreadRow('BTCUSDT', again, thresholds, 1);
    assert.equal(row && columnsOf(row).coverage, 'partial');
    assert.ok(BigInt(row?.version ?? 0) > BigInt(before ?? 0));
  });

  it('marks the window in which the socket was lost and the one in which it came back, and no other', () => {
    const steps = [...WATCHED, { quote: 31 }, { ended: 35, began: 95 }, { quote: 95 }, { quote: 125 }];
    assert.deepEqual(coverage(steps), {
      [-1]: 'partial',
      0: 'complete',
      1: 'partial',
      3: 'partial',
      4: 'complete',
    });
  });

  it('an interruption within one window marks it, however short', () => {
    const marked = coverage([...WATCHED, { quote: 31 }, { ended: 31, began: 31.2 }, { quote: 31.2 }]);
    assert.equal(marked[1], 'partial');
    assert.equal(marked[0], 'complete');
  });

  it('a socket that was lost while a second ingestor watched marks nothing', () => {
    const seen = [...WATCHED, { quote: 2 }, { quote: 4 }, { quote: 5.5 }];
    assert.equal(coverage([...seen, { ended: 2, began: 6 }, { quote: 6 }])[0], 'complete');
  });

  it('two ingestors that lost their sockets at about the same time mark what neither has watched', () => {
    const seen = [...WATCHED, { quote: 2 }, { quote: 2.1 }];
    const both: readonly Step[] = [
      ...seen,
      { ended: 2, began: 40 },
      { quote: 40 },
      { ended: 2.1, began: 41 },
      { quote: 41 },
    ];
    const marked = coverage([...both, { quote: 61 }]);
    assert.deepEqual([marked[0], marked[1], marked[2]], ['partial', 'partial', 'complete']);
  });

  it('a tick of the socket that was lost is no sign that somebody watched', () => {
    assert.equal(coverage([...WATCHED, { beat: 5 }, { ended: 1, began: 5.5 }, { quote: 5.5 }])[0], 'partial');
  });

  it('a start marks what passed since the last quote or tick', () => {
    const marked = coverage([...WATCHED, { beat: 35 }, { began: 65 }, { quote: 65 }, { quote: 91 }]);
    assert.equal(marked[0], 'complete');
    assert.equal(marked[2], 'partial');
    assert.equal(marked[3], 'complete');
    const busy = coverage([...WATCHED, { quote: 31 }, { began: 65 }, { quote: 65 }]);
    assert.deepEqual([busy[1], busy[2]], ['partial', 'partial']);
  });

  it('a second ingestor that begins beside the first marks nothing', () => {
    assert.equal(coverage([...WATCHED, { quote: 2 }, { began: 2.9 }, { quote: 2.9 }])[0], 'complete');
    // Its clock is behind.
    assert.equal(coverage([...WATCHED, { quote: 2 }, { began: 1.5 }, { quote: 3 }])[0], 'complete');
  });

  it('a window stays marked when another watch begins at its very start', () => {
    const marked = coverage([
      ...WATCHED,
      { ended: 5, began: 35 },
      { quote: 35 },
      { ended: 36, began: 30 },
      { quote: 37 },
    ]);
    assert.equal(marked[1], 'partial');
  });

  it('rows do not depend on where the log is cut, nor on records that are given again', () => {
    const seconds = fc.integer({ min: 0, max: 1_500 }).map((tenths) => tenths / 10);
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 5, arbitrary: fc.record({ quote: seconds }) },
      { weight: 1, arbitrary: fc.record({ beat: seconds }) },
      { weight: 1, arbitrary: fc.record({ began: seconds }) },
      { weight: 3, arbitrary: fc.record({ began: seconds, ended: seconds }) },
    );
    const timeOf = (it: Step): number =>
      'quote' in it ? it.quote : 'beat' in it ? it.beat : (it.began ?? it.ended ?? 0);
    const log = fc.array(step, { maxLength: 40, size: 'max' }).chain((steps) =>
      fc.boolean().map((inOrder) => {
        // Most logs are in the order of their times; clocks that step and second ingestors make the others.
        const ordered = inOrder ? steps.toSorted((a, b) => timeOf(a) - timeOf(b)) : steps;
        return ordered.map((one, id) => ('quote' in one ? { ...one, id } : one));
      }),
    );
    const cutAt = fc.array(fc.nat(40), { maxLength: 12, size: 'max' });
    let marked = 0;
    fc.assert(
      fc.property(log, cutAt, fc.nat(40), fc.nat(10), (steps, cuts, from, count) => {
        const whole = rowsAfter(steps);
        for (const { columns } of whole.values()) if (columns.coverage === 'partial') marked += 1;
        assert.deepEqual(rowsAfter(steps, new Set(cuts)), whole);
        assert.deepEqual(rowsAfter(steps, new Set(steps.keys())), whole);
        const again = [...steps.slice(0, from + count), ...steps.slice(from, from + count)];
        const twice = rowsAfter([...again, ...steps.slice(from + count)], new Set([...cuts, from + count]));
        assert.deepEqual(twice, whole);
      }),
      { numRuns: 1_000 },
    );
    assert.ok(marked > 1_000);
  });
});
