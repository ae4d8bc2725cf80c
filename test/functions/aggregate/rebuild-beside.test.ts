import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rebuild } from '../../../functions/aggregate/rebuild.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import type { Row } from '../../../shared/row.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { makeAggregate, makeSurroundings, toEvent, toRecords } from './aggregate-fixtures.ts';
import { marketLog } from './market-events.ts';
import { candlesWithout, deps, fold, RULES, rangeOf, SYMBOL } from './rebuild-fixtures.ts';

const RUNS = { numRuns: 100, endOnFailure: true };

/** The same surroundings, of which every call waits for its turn among those of the others. */
function takingTurns(turns: fc.Scheduler, surroundings: ReturnType<typeof makeSurroundings>) {
  const { store, rows } = surroundings;
  const inTurn = <T>(name: string, call: () => Promise<T>): Promise<T> =>
    turns.schedule(Promise.resolve(), name).then(call);
  const own: StateStore = {
    readHot: (keys) => inTurn('readHot', () => store.readHot(keys)),
    writeHot: (key, expected, bytes) => inTurn('writeHot', () => store.writeHot(key, expected, bytes)),
    readBlock: (key, block) => inTurn('readBlock', () => store.readBlock(key, block)),
    writeBlock: (key, block, version, panes) =>
      inTurn('writeBlock', () => store.writeBlock(key, block, version, panes)),
  };
  return {
    store: own,
    write: (written: readonly Row[]) => inTurn('rows', () => rows.write(written)),
    inTurn,
  };
}

test('an aggregate that is at work between any two steps of a rebuild, and a rebuild between any two of its, end with the rows of an undisturbed run', async () => {
  let lostRaces = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      marketLog,
      fc.double({ min: 0.2, max: 0.8, noNaN: true }),
      fc.nat(3),
      fc.integer({ min: 1, max: 8 }),
      async (turns, log, share, lost, batch) => {
        // Prepare
        const cut = Math.max(1, Math.floor(log.length * share));
        const last = log.slice(0, cut).findLastIndex(isOfSymbol);
        fc.pre(log.slice(0, cut).some((event) => isOfSymbol(event) && event.kind === 'trade'));
        const surroundings = await fold(
          log.slice(0, cut),
          makeSurroundings(),
          // A bug of the past: every few trades were never folded.
          (event, index) => event.kind !== 'trade' || index % (lost + 2) !== 0 || index === last,
        );
        const { store, write, inTurn } = takingTurns(turns, surroundings);
        const own = deps(surroundings, log);
        const aggregate = makeAggregate({ store, rows: { write }, producer: surroundings.producer }, false);
        const goOn = async (): Promise<void> => {
          const records = toRecords(log);
          for (let at = cut; at < log.length; at += batch) {
            lostRaces += await processed(aggregate, records.slice(at, at + batch));
          }
        };
        // Act
        const rebuilt = rebuild(
          rangeOf(log),
          {
            ...own,
            store,
            rows: { write },
            storedCandles: (symbol, fromUs, toUs) =>
              inTurn('candles', () => own.storedCandles(symbol, fromUs, toUs)),
          },
          RULES,
        );
        await turns.waitFor(Promise.all([rebuilt, goOn()]));
        // Assess
        const right = await fold(log);
        const apart = ['revision', 'reason', 'version', 'audit'];
        assert.deepEqual(candlesWithout(surroundings.rows, apart), candlesWithout(right.rows, apart));
        const again = await rebuild(rangeOf(log), own, RULES);
        assert.equal(again.rowsWritten, 0);
        // What panes note beside their figures may still have differed.
        const third = await rebuild(rangeOf(log), own, RULES);
        assert.deepEqual([third.rowsWritten, third.panesReplaced], [0, 0]);
      },
    ),
    RUNS,
  );
  assert.ok(lostRaces > 0, 'the rebuild was never in the way of the aggregate');
});

test('a state that changes before every write ends the rebuild, which says so and can be run again', async () => {
  const [log = []] = fc.sample(marketLog, { numRuns: 1, seed: 8 });
  const surroundings = await fold(
    log,
    makeSurroundings(),
    (event, at) => event.kind !== 'trade' || at % 3 !== 0,
  );
  const own = deps(surroundings, log);
  const key = `trades#${SYMBOL}`;
  let races = 0;
  const { store } = own;
  const contested: StateStore = {
    readHot: (keys) => store.readHot(keys),
    readBlock: (of, block) => store.readBlock(of, block),
    writeBlock: (of, block, version, panes) => store.writeBlock(of, block, version, panes),
    writeHot: async (of, expected, bytes) => {
      races += 1;
      const hot = (await store.readHot([key])).get(key);
      await store.writeHot(key, hot?.version ?? 0, hot?.bytes ?? bytes);
      return store.writeHot(of, expected, bytes);
    },
  };
  await assert.rejects(rebuild(rangeOf(log), { ...own, store: contested }, RULES), {
    code: 'REBUILD_CONTENDED',
  });
  assert.equal(races, 50);
  const report = await rebuild(rangeOf(log), own, RULES);
  assert.ok(report.rowsWritten > 0);
});

/** Gives a batch until it is processed, as its mapping does; returns how many races it lost. */
async function processed(
  aggregate: ReturnType<typeof makeAggregate>,
  records: ReturnType<typeof toRecords>,
): Promise<number> {
  for (;;) {
    try {
      return (await aggregate.process(toEvent(records))).lostRaces;
    } catch (error) {
      if (!(error instanceof CodedError) || !error.canRetry) throw error;
    }
  }
}

function isOfSymbol(event: MarketEvent): boolean {
  return event.symbol === SYMBOL && event.kind !== 'quote';
}
