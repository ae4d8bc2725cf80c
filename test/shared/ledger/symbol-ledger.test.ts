import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { encodeLedgerEntry, ledgerOf, parseLedgerEntry } from '../../../shared/ledger/ledger-entry.ts';
import { MAX_OPEN_GAPS, SymbolLedger } from '../../../shared/ledger/symbol-ledger.ts';

const ids = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 150 });

function ledgerWith(seen: readonly number[]): SymbolLedger {
  const ledger = new SymbolLedger('BTCUSDT');
  for (const id of seen) ledger.see(id, id * 1_000, id * 1_000, 'live');
  return ledger;
}

describe('SymbolLedger', () => {
  it('knows as gaps exactly the ids between the lowest and the highest that never came', () => {
    fc.assert(
      fc.property(ids, (seen) => {
        const ledger = ledgerWith(seen);
        const missing = ledger.gaps.flatMap((gap) =>
          ledger.ids
            .missingWithin(gap.from, gap.to)
            .flatMap((part) => Array.from({ length: part.to - part.from + 1 }, (_, at) => part.from + at)),
        );
        const expected: number[] = [];
        for (let id = Math.min(...seen); id <= Math.max(...seen); id += 1)
          if (!seen.includes(id)) expected.push(id);
        assert.deepEqual(missing, expected);
      }),
    );
  });

  it('tells of each id whether it is new, missing before, or a duplicate', () => {
    const ledger = new SymbolLedger('BTCUSDT');
    const kinds = [5, 6, 9, 9, 7, 8, 10].map((id) => ledger.see(id, 0, 0, 'live').kind);
    assert.deepEqual(kinds, ['new', 'new', 'gap', 'duplicate', 'fill', 'fill', 'new']);
    assert.equal(ledger.contiguousId, 10);
    assert.deepEqual(ledger.gaps, []);
  });

  it('keeps the times at both edges of a gap', () => {
    const ledger = new SymbolLedger('BTCUSDT');
    ledger.see(1, 1_000, 0, 'live');
    const seen = ledger.see(4, 9_000, 77, 'live', 'outage');
    assert.ok(seen.kind === 'gap');
    assert.deepEqual(
      [seen.gap.from, seen.gap.to, seen.gap.beforeUs, seen.gap.afterUs, seen.gap.openedUs, seen.gap.cause],
      [2, 3, 1_000, 9_000, 77, 'outage'],
    );
    assert.equal(ledger.contiguousId, 1);
  });

  it('tells the smaller holes that are left of a gap, each with its own edges, before it takes the gap back', () => {
    const ledger = ledgerWith([1, 10]);
    const [gap] = ledger.gaps;
    assert.ok(gap);
    const told = (): unknown[] =>
      ledger
        .tellings(() => true)
        .map(({ from, to, state, beforeUs, afterUs }) => [from, to, state, beforeUs, afterUs]);
    assert.deepEqual(told(), [[2, 9, 'open', 1_000, 10_000]]);
    assert.deepEqual(told(), []);
    for (const id of [4, 5]) ledger.see(id, id * 1_000, 0, 'backfill');
    assert.deepEqual(told(), [
      [2, 3, 'open', 1_000, 4_000],
      [6, 9, 'open', 5_000, 10_000],
      [2, 9, 'filled', 1_000, 10_000],
    ]);
    ledger.giveUp(gap);
    assert.deepEqual(told(), [
      [2, 3, 'unfillable', 1_000, 4_000],
      [6, 9, 'unfillable', 5_000, 10_000],
    ]);
    const late = ledger.see(2, 2_000, 0, 'live');
    assert.ok(late.kind === 'fill' && late.late);
    assert.deepEqual(told(), [
      [3, 3, 'unfillable', 2_000, 4_000],
      [2, 3, 'filled', 1_000, 4_000],
    ]);
  });

  it('after any fills and a restart in between, has told exactly the holes that are left', () => {
    fc.assert(
      fc.property(ids, ids, fc.nat(150), (first, fills, restartAt) => {
        let ledger = ledgerWith(first);
        // The windows, by what they were told.
        const marked = new Map<string, string>();
        const tell = (): void => {
          for (const { from, to, state } of ledger.tellings(() => true)) {
            if (state === 'filled') assert.ok(marked.delete(`${from}-${to}`));
            else marked.set(`${from}-${to}`, state);
          }
          const missing = ledger.gaps.flatMap((gap) => ledger.ids.missingWithin(gap.from, gap.to));
          assert.deepEqual(new Set(marked.keys()), new Set(missing.map(({ from, to }) => `${from}-${to}`)));
          for (const { holes } of ledger.gaps)
            for (const hole of holes)
              assert.deepEqual(
                [hole.beforeUs, hole.afterUs],
                [(hole.from - 1) * 1_000, (hole.to + 1) * 1_000],
              );
        };
        tell();
        const { lowest = 0, highest = 0 } = ledger.ids;
        fills.forEach((id, at) => {
          if (id > lowest && id < highest) ledger.see(id, id * 1_000, 0, 'backfill');
          if (at % 5 === 0) tell();
          if (at !== restartAt) return;
          const place = {
            task: 't',
            rawPartition: 0,
            rawOffset: 0,
            writtenUs: 1,
            begun: true,
            beganUs: null,
            reachUs: null,
          };
          const entry = parseLedgerEntry(encodeLedgerEntry(ledger, [], place));
          assert.ok(entry);
          ledger = ledgerOf(entry);
        });
        for (const gap of [...ledger.gaps]) ledger.giveUp(gap);
        tell();
      }),
    );
  });

  it('started again, knows of the ids of an open gap that are above all others, however they come', () => {
    const ledger = ledgerWith([1, 2, 10, 11]);
    const place = {
      task: 't',
      rawPartition: 0,
      rawOffset: 0,
      writtenUs: 1,
      begun: true,
      beganUs: null,
      reachUs: null,
    };
    const entry = parseLedgerEntry(encodeLedgerEntry(ledger, [10, 11], place));
    assert.ok(entry);
    const back = ledgerOf(entry);
    assert.equal(back.see(3, 3_000, 0, 'backfill').kind, 'fill');
    assert.equal(back.see(6, 6_000, 0, 'backfill').kind, 'gap');
    const seen = back.see(20, 20_000, 0, 'live');
    assert.ok(seen.kind === 'gap');
    assert.deepEqual(
      back.gaps.flatMap(({ holes }) =>
        holes.map((hole) => [hole.from, hole.to, hole.beforeUs, hole.afterUs]),
      ),
      [
        [4, 5, 3_000, 6_000],
        [7, 19, 6_000, 20_000],
      ],
    );
    for (let id = 4; id < 20; id += 1) back.see(id, id * 1_000, 0, 'backfill');
    assert.deepEqual(back.gaps, []);
  });

  it('never takes back a hole of which no id came: windows that were told so do not hear of it again', () => {
    const ledger = ledgerWith([1, 2, 4]);
    const place = { task: 't', rawPartition: 0, rawOffset: 0, writtenUs: 1 };
    ledger.tellings(() => true);
    // 4 waited behind 3, so that it is not in the log when the task dies.
    const entry = parseLedgerEntry(
      encodeLedgerEntry(ledger, [4], { ...place, begun: true, beganUs: null, reachUs: null }),
    );
    assert.ok(entry);
    const back = ledgerOf(entry);
    const told = (): unknown[] => back.tellings(() => true).map(({ from, to, state }) => [from, to, state]);
    back.see(9, 9_000, 0, 'live');
    assert.deepEqual(told(), [[3, 8, 'open']]);
    for (let id = 4; id < 9; id += 1) back.see(id, id * 1_000, 0, 'backfill');
    assert.deepEqual(told(), [[3, 8, 'filled']]);
    for (const gap of [...back.gaps]) back.giveUp(gap);
    assert.deepEqual(told(), [[3, 3, 'unfillable']]);
  });

  it('does not believe one frame with an id far ahead, and still knows of what is lost below it', () => {
    const ledger = ledgerWith([1, 2, 3]);
    assert.equal(ledger.see(5_000_003, 3_500, 0, 'live').kind, 'implausible');
    assert.equal(
      ledger.see(5_000_003, 3_500, 0, 'live').kind,
      'implausible',
      'the same frame by another socket',
    );
    assert.equal(ledger.see(4, 4_000, 0, 'live').kind, 'new');
    assert.equal(ledger.see(6, 6_000, 0, 'live').kind, 'gap');
    assert.equal(ledger.see(5_000_009, 9_000, 0, 'live').kind, 'implausible', 'the first was refuted');
    assert.deepEqual(ledger.ids.ranges(), [
      { from: 1, to: 4 },
      { from: 6, to: 6 },
    ]);
  });

  it('believes a jump once another trade near it has come, and counts both', () => {
    const ledger = ledgerWith([1, 2, 3]);
    ledger.see(5_000_003, 3_500, 0, 'live');
    const seen = ledger.see(5_000_005, 3_600, 0, 'live');
    assert.ok(seen.kind === 'gap');
    assert.deepEqual(
      seen.gap.holes.map(({ from, to, beforeUs, afterUs }) => [from, to, beforeUs, afterUs]),
      [
        [4, 5_000_002, 3_000, 3_500],
        [5_000_004, 5_000_004, 3_500, 3_600],
      ],
    );
    assert.equal(ledger.see(5_000_006, 3_700, 0, 'live').kind, 'new');
  });

  it('believes a jump that the time since the last trade explains, and whatever REST gives', () => {
    const minuteUs = 60_000_000;
    assert.equal(ledgerWith([1]).see(60_000, minuteUs, 0, 'live').kind, 'gap');
    assert.equal(ledgerWith([1]).see(63_000, minuteUs, 0, 'live').kind, 'implausible');
    assert.equal(ledgerWith([1]).see(63_000, minuteUs, 0, 'backfill').kind, 'gap');
  });

  it('takes an id below the first for a new count only if it is over an hour newer', () => {
    const hourUs = 3_600_000_000;
    const ledger = new SymbolLedger('BTCUSDT');
    ledger.see(5_000_000, 1_000, 0, 'live');
    assert.equal(ledger.see(7, hourUs, 0, 'live').kind, 'new');
    assert.equal(ledger.see(6, hourUs + 1_001, 0, 'live').kind, 'reset');
    assert.deepEqual(ledger.ids.ranges(), [{ from: 6, to: 6 }]);
  });

  it('names the oldest gap for giving up once too many are open', () => {
    const ledger = new SymbolLedger('BTCUSDT');
    for (let at = 0; at <= MAX_OPEN_GAPS; at += 1) {
      assert.equal(ledger.excess(), undefined);
      ledger.see(1 + at * 2, 0, at, 'live');
    }
    ledger.see(3 + MAX_OPEN_GAPS * 2, 0, 9_999, 'live');
    const oldest = ledger.excess();
    assert.equal(oldest?.from, 2);
    if (oldest !== undefined) ledger.giveUp(oldest);
    assert.equal(ledger.excess(), undefined);
  });

  it('comes back from its entry in the ledger topic, without the ids that still wait', () => {
    fc.assert(
      fc.property(
        ids,
        fc.subarray(
          Array.from({ length: 400 }, (_, at) => at + 1),
          { maxLength: 5 },
        ),
        (seen, wait) => {
          const ledger = ledgerWith(seen);
          const waiting = wait.filter((id) => ledger.ids.has(id));
          const at = {
            task: 'ingest',
            rawPartition: 2,
            rawOffset: 77,
            writtenUs: 1_723_161_600_000_001,
            begun: true,
            beganUs: null,
            reachUs: null,
          };
          const entry = parseLedgerEntry(encodeLedgerEntry(ledger, waiting, at));
          assert.ok(entry);
          assert.deepEqual(
            [entry.task, entry.rawPartition, entry.rawOffset, entry.writtenUs],
            ['ingest', 2, 77, 1_723_161_600_000_001],
          );
          const back = ledgerOf(entry);
          for (let id = 1; id <= 400; id += 1)
            assert.equal(back.ids.has(id), ledger.ids.has(id) && !waiting.includes(id), `id ${id}`);
          assert.deepEqual(
            back.gaps.map((gap) => [gap.from, gap.to, gap.state]),
            ledger.gaps.map((gap) => [gap.from, gap.to, gap.state]),
          );
        },
      ),
    );
  });

  it('writes entries that fit their schema', () => {
    const file = join(import.meta.dirname, '../../../shared/events/schemas/ledger-entry.schema.json');
    const schema: object = JSON.parse(readFileSync(file, 'utf8'));
    const fits = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
    const ledger = new SymbolLedger('BTCUSDT');
    for (const id of [5, 6, 9, 20]) ledger.see(id, 1_723_161_600_000_000 + id, 1_723_161_600_000_000, 'live');
    const at = {
      task: 'ingest',
      rawPartition: 2,
      rawOffset: 77,
      writtenUs: 1_723_161_600_000_001,
      begun: true,
      beganUs: null,
      reachUs: null,
    };
    assert.ok(fits(JSON.parse(encodeLedgerEntry(ledger, [9], at))), JSON.stringify(fits.errors));
  });

  it('takes nothing from an entry that is not one of ours', () => {
    for (const text of ['', '{', '[]', '{"symbol":"X"}', '{"symbol":"X","task":"a","ranges":[[1]]}'])
      assert.equal(parseLedgerEntry(text), undefined, text);
  });
});

describe('SymbolLedger.reachBack', () => {
  it('finds the trades missing that were lost before the first that was seen', () => {
    const ledger = new SymbolLedger('BTCUSDT');
    ledger.see(105, 5_000, 6_000, 'live');
    const gap = ledger.reachBack(101, 1_000, 7_000);
    assert.deepEqual([gap?.from, gap?.to, gap?.beforeUs, gap?.afterUs], [101, 104, 1_000, 5_000]);
    assert.equal(ledger.contiguousId, 100);
    for (const id of [101, 102, 103, 104]) ledger.see(id, 2_000, 8_000, 'backfill');
    assert.equal(gap?.state, 'filled');
    assert.equal(ledger.contiguousId, 105);
  });

  it('finds nothing where the first that was seen is the first of the watch', () => {
    const ledger = new SymbolLedger('BTCUSDT');
    ledger.see(101, 5_000, 6_000, 'live');
    assert.equal(ledger.reachBack(101, 1_000, 7_000), undefined);
    assert.equal(ledger.contiguousId, 101);
  });

  it('expects the next trade where none was seen yet', () => {
    const ledger = new SymbolLedger('BTCUSDT');
    assert.equal(ledger.reachBack(101, 1_000, 7_000), undefined);
    const seen = ledger.see(103, 5_000, 8_000, 'live');
    assert.equal(seen.kind, 'gap');
    assert.deepEqual(
      seen.kind === 'gap' && [seen.gap.from, seen.gap.to, seen.gap.beforeUs],
      [101, 102, 1_000],
    );
  });
});
