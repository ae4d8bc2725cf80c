import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RebuildReport, rebuild } from '../../../functions/aggregate/rebuild.ts';
import { MemoryRowStore } from '../../../shared/memory-row-store.ts';
import type { Row } from '../../../shared/row.ts';
import { MemoryStateStore } from '../../../shared/state/memory-state-store.ts';
import { rowVersion } from '../../../shared/window/row-version.ts';
import { makeSurroundings, NOW_MS, plainRows } from './aggregate-fixtures.ts';
import { marketLog } from './market-events.ts';
import { candlesWithout, deps, fold, market, RULES, rangeOf, SYMBOL } from './rebuild-fixtures.ts';

const RUNS = { numRuns: 100, endOnFailure: true };

function untouched(report: RebuildReport): void {
  assert.deepEqual([report.rowsWritten, report.panesReplaced, report.epoch], [0, 0, null]);
}

test('a rebuild of what is right writes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(marketLog, async (log) => {
      const surroundings = await fold(log);
      const before = plainRows(surroundings.rows.table('candles'));
      const report = await rebuild(rangeOf(log), deps(surroundings, log), RULES);
      untouched(report);
      assert.ok(report.compared > 0);
      assert.deepEqual(plainRows(surroundings.rows.table('candles')), before);
    }),
    RUNS,
  );
});

test('rows that were spoilt or lost come back with the reason rebuild, and a second rebuild writes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(marketLog, fc.array(fc.nat(60), { minLength: 1, maxLength: 5 }), async (log, at) => {
      const right = await fold(log);
      const rows = new MemoryRowStore();
      const spoilt = new Set<string>();
      const all = right.rows.table('candles').filter((row) => row.dimensions[0]?.[1] === SYMBOL);
      const damaged = all.map((row, index) => {
        if (!at.some((place) => place % all.length === index)) return row;
        spoilt.add(`${row.dimensions[1]?.[1]} ${row.timeNs}`);
        return index % 2 === 0 ? undefined : { ...row, columns: twice(row) };
      });
      await rows.write(damaged.filter((row) => row !== undefined));
      const surroundings = { store: right.store, rows };
      const report = await rebuild(rangeOf(log), deps(surroundings, log), RULES);
      assert.equal(report.rowsWritten, spoilt.size);
      assert.deepEqual(
        candlesWithout(rows, ['version', 'reason']),
        candlesWithout(right.rows, ['version', 'reason']),
      );
      for (const row of plainRows(rows.table('candles')))
        assert.equal(row.reason === 'rebuild', spoilt.has(`${row.resolution} ${row.time}`));
      untouched(await rebuild(rangeOf(log), deps(surroundings, log), RULES));
    }),
    RUNS,
  );
});

test('after a rebuild in the middle of the log, with a state that had lost trades, the rest folds to the same candles', async () => {
  await fc.assert(
    fc.asyncProperty(
      marketLog,
      fc.double({ min: 0.2, max: 1, noNaN: true }),
      fc.nat(5),
      fc.boolean(),
      async (log, share, lost, isStateLost) => {
        const cut = Math.max(1, Math.floor(log.length * share));
        const head = log.slice(0, cut);
        fc.pre(head.some((event) => event.kind === 'trade' && event.symbol === SYMBOL));
        // A bug of the past: every few trades were never folded.
        const last = head.findLastIndex((event) => event.symbol === SYMBOL && event.kind !== 'quote');
        const folded = await fold(
          head,
          makeSurroundings(),
          (event, index) => event.kind !== 'trade' || index % (lost + 2) !== 0 || index === last,
        );
        const store = isStateLost ? new MemoryStateStore() : folded.store;
        const surroundings = { ...folded, store };
        // A minute later: nothing tells the epoch of a state that is lost but the clock.
        const later = { ...deps(surroundings, head), nowMs: () => NOW_MS + 60_000 };
        await rebuild(rangeOf(head), later, RULES);
        untouched(await rebuild(rangeOf(head), deps(surroundings, head), RULES));
        // The mapping gives the last batch again, and then what follows.
        await fold(log, surroundings, (_event, index) => index >= cut - 10);
        const right = await fold(log);
        assert.deepEqual(market(surroundings.rows), market(right.rows));
      },
    ),
    RUNS,
  );
});

test('the rebuilt rows stand between the old epoch and that of the hot item, whose old holder loses', async () => {
  const [log = []] = fc.sample(marketLog, { numRuns: 1, seed: 5 });
  const surroundings = await fold(log);
  const key = `trades#${SYMBOL}`;
  const before = (await surroundings.store.readHot([key])).get(key);
  const lost = { ...surroundings, rows: new MemoryRowStore() };
  const report = await rebuild(rangeOf(log), deps(lost, log), RULES);
  const epoch = report.epoch ?? 0;
  assert.equal(epoch, Math.floor((NOW_MS - Date.UTC(2026, 0, 1)) / 60_000) + 1);
  for (const row of lost.rows.table('candles')) {
    assert.ok(BigInt(row.version) > BigInt(rowVersion(epoch, 0, false)));
    assert.ok(BigInt(row.version) < BigInt(rowVersion(epoch + 1, 0, false)));
  }
  assert.equal(
    await surroundings.store.writeHot(key, before?.version ?? 0, before?.bytes ?? Buffer.of()),
    false,
  );
});

test('a crash before or after any write of a rebuild is put right by the next one', async () => {
  const [log = []] = fc.sample(marketLog, { numRuns: 1, seed: 8 });
  const right = await fold(log);
  for (let writes = 0; ; writes += 1) {
    const damaged = await fold(
      log,
      makeSurroundings(),
      (event, index) => event.kind !== 'trade' || index % 3 !== 0,
    );
    let left = writes;
    const dying = <T>(write: () => Promise<T>): Promise<T> => {
      left -= 1;
      return left < 0 ? Promise.reject(new Error('killed')) : write();
    };
    const whole = deps(damaged, log);
    const store = Object.assign(Object.create(damaged.store) as typeof damaged.store, {
      writeHot: (key: string, expected: number, bytes: Uint8Array) =>
        dying(() => damaged.store.writeHot(key, expected, bytes)),
      writeBlock: (key: string, block: number, version: number, panes: ReadonlyMap<number, Uint8Array>) =>
        dying(() => damaged.store.writeBlock(key, block, version, panes)),
      readHot: (keys: readonly string[]) => damaged.store.readHot(keys),
      readBlock: (key: string, block: number) => damaged.store.readBlock(key, block),
    });
    const rows = { write: (written: readonly Row[]) => dying(() => damaged.rows.write(written)) };
    const died = await rebuild(rangeOf(log), { ...whole, store, rows }, RULES).then(
      () => false,
      () => true,
    );
    await rebuild(rangeOf(log), whole, RULES);
    assert.deepEqual(market(damaged.rows), market(right.rows));
    untouched(await rebuild(rangeOf(log), whole, RULES));
    if (!died) break;
  }
});

test('a log that no longer holds trades that the candles count is refused', async () => {
  const [log = []] = fc.sample(marketLog, { numRuns: 1, seed: 3 });
  const surroundings = await fold(log);
  const trimmed = log.slice(Math.floor(log.length / 2));
  await assert.rejects(rebuild(rangeOf(log), deps(surroundings, trimmed), RULES), {
    code: 'REBUILD_LOG_INCOMPLETE',
  });
  await assert.rejects(rebuild({ ...rangeOf(log), symbol: 'NONE' }, deps(surroundings, log), RULES), {
    code: 'REBUILD_NOTHING',
  });
});

function twice(row: Row): Row['columns'] {
  return row.columns.map((column) =>
    column.name === 'volume' ? { ...column, value: String(Number(column.value) * 2) } : column,
  );
}
