import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  encodeLedgerEntry,
  type LedgerEntry,
  ledgerOf,
  parseLedgerEntry,
} from '../../../shared/ledger/ledger-entry.ts';
import { SymbolLedger } from '../../../shared/ledger/symbol-ledger.ts';
import { uniteEntries } from '../../../shared/ledger/unite-entries.ts';

/** The entry of a task that saw these ids, of which `waiting` are not in the log. A trade's time is its id. */
function entryOf(
  task: string,
  ids: readonly number[],
  waiting: readonly number[] = [],
  at: Partial<LedgerEntry> = {},
): LedgerEntry {
  const ledger = new SymbolLedger('BTCUSDT');
  for (const id of ids) ledger.see(id, id * 1_000, 0, 'live');
  const place = { rawPartition: 0, rawOffset: 0, writtenUs: 1, begun: true, beganUs: null, reachUs: null };
  const entry = parseLedgerEntry(encodeLedgerEntry(ledger, waiting, { task, ...place, ...at }));
  assert.ok(entry);
  return { ...entry, ...at };
}

const holesOf = (ledger: SymbolLedger): number[][] =>
  ledger.gaps.flatMap(({ holes }) =>
    holes.map(({ from, to, beforeUs, afterUs }) => [from, to, beforeUs / 1_000, afterUs / 1_000]),
  );
const united = (...entries: readonly LedgerEntry[]): SymbolLedger => {
  const entry = uniteEntries(entries);
  assert.ok(entry);
  return ledgerOf(entry);
};

describe('uniteEntries', () => {
  it('forgets no hole that reaches over the ids of another task (seed 2687)', () => {
    // 20 waited behind 10..19, so that the newest entry knows of nothing above 9; another task had got 14..16.
    const ledger = united(entryOf('a', [8, 9, 20], [20]), entryOf('b', [8, 9, 14, 15, 16]));
    assert.deepEqual(holesOf(ledger), [
      [10, 13, 9, 20],
      [17, 19, 9, 20],
    ]);
    ledger.see(30, 30_000, 0, 'live');
    assert.deepEqual(
      holesOf(ledger).map(([from, to]) => [from, to]),
      [
        [10, 13],
        [17, 29],
      ],
    );
  });

  it('opens a hole that neither task knew of, between the end of one and the ids of the other', () => {
    const ledger = united(entryOf('a', [8, 9, 20], [20]), entryOf('b', [25, 26]));
    assert.deepEqual(holesOf(ledger), [
      [10, 19, 9, 20],
      [20, 24, 20, 26],
    ]);
    assert.equal(ledger.highestTimeUs, 26_000);
    assert.equal(ledger.see(27, 27_000, 0, 'live').kind, 'new');
  });

  it('takes nothing of a task that was gone long before, nor of ids that were counted before they began anew', () => {
    const writtenUs = 3_600_000_000;
    const gone = united(entryOf('a', [500, 501], [], { writtenUs }), entryOf('b', [8, 9]));
    assert.deepEqual(gone.ids.ranges(), [{ from: 500, to: 501 }]);
    const anew = united(
      entryOf('a', [8, 9], [], { highestTimeUs: 9_000_000_000 }),
      entryOf('b', [5_000_000, 5_000_001]),
    );
    assert.deepEqual(anew.ids.ranges(), [{ from: 8, to: 9 }]);
    assert.deepEqual(anew.gaps, []);
  });

  it('reads the log from the older of the two places, and knows what either told', () => {
    const hole = { from: 3, to: 4, beforeUs: 2_000, afterUs: 5_000, state: 'open' as const };
    const entry = uniteEntries([
      entryOf('a', [1, 2], [], { rawOffset: 70, begun: false }),
      entryOf('b', [1, 2], [], { rawOffset: 50, told: [hole] }),
    ]);
    assert.deepEqual([entry?.rawOffset, entry?.begun, entry?.told], [50, true, [hole]]);
  });

  it('of whatever two tasks saw, each id above the first is there or missing by name', () => {
    const seen = fc.uniqueArray(fc.integer({ min: 2, max: 60 }), { minLength: 1 });
    fc.assert(
      fc.property(seen, seen, fc.nat(60), (a, b, waitFrom) => {
        const rising = (ids: readonly number[]): number[] => [1, ...ids].sort((x, y) => x - y);
        const [first, second] = [rising(a), rising(b)];
        const ledger = united(
          entryOf(
            'a',
            first,
            first.filter((id) => id > 1 && id >= waitFrom),
          ),
          entryOf('b', second),
        );
        ledger.see(100, 100_000, 0, 'live');
        const missing = new Set<number>();
        for (const { holes } of ledger.gaps)
          for (const { from, to } of holes) for (let id = from; id <= to; id += 1) missing.add(id);
        for (let id = 1; id <= 100; id += 1) assert.notEqual(ledger.ids.has(id), missing.has(id), `id ${id}`);
      }),
    );
  });
});
