import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rebuild } from '../../../functions/aggregate/rebuild.ts';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import type { GapState, Tick } from '../../../shared/events/tick.ts';
import type { Trade } from '../../../shared/events/trade.ts';
import { MemoryStateStore } from '../../../shared/state/memory-state-store.ts';
import { readTradeState } from '../../../shared/state/trade-state.ts';
import { makeAggregate, makeSurroundings, toEvent, toRecords } from './aggregate-fixtures.ts';
import { marketLog } from './market-events.ts';
import { candlesWithout, deps, fold, market, RULES, rangeOf, SYMBOL } from './rebuild-fixtures.ts';

const START_US = Date.UTC(2026, 10, 20, 12) * 1000;
const QUARTER_US = 900_000_000;

/** Trade `at` of one every three seconds. */
function trade(at: number, source: Trade['source'] = 'live'): Trade {
  const tradeTimeUs = START_US + at * 3_000_000;
  return {
    kind: 'trade',
    symbol: SYMBOL,
    tradeId: 1_000 + at,
    price: { units: 100 + (at % 7), scale: 0 },
    quantity: { units: 1 + (at % 3), scale: 0 },
    tradeTimeUs,
    eventTimeUs: tradeTimeUs,
    isBuyerMaker: at % 2 === 0,
    receivedUs: tradeTimeUs + (source === 'live' ? 5_000 : 900_000),
    source,
    raw: { partition: 0, offset: at },
  };
}

function tick(fields: Partial<Tick>): Tick {
  return {
    kind: 'tick',
    symbol: SYMBOL,
    feed: 'trades',
    timeUs: fields.timeUs ?? 0,
    contiguousId: null,
    gap: null,
    beganUs: null,
    endedUs: null,
    receivedUs: fields.timeUs ?? 0,
    source: 'live',
    raw: { partition: 0, offset: 0 },
    ...fields,
  };
}

/** What a hole of the trades `from` up to, not including, `to` is told as. */
function told(from: number, to: number, state: GapState): Tick {
  const { tradeTimeUs: beforeUs } = trade(from - 1);
  const { tradeTimeUs: afterUs } = trade(to);
  return tick({
    timeUs: afterUs,
    gap: { from: 1_000 + from, to: 999 + to, state, beforeUs, afterUs },
  });
}

const COUNT = 900;
const ALL = Array.from({ length: COUNT }, (_, at) => at);

/** What a recorder saw: all trades, from a little before the live watch to a little after it. */
const recorded: readonly MarketEvent[] = [
  tick({ timeUs: START_US, beganUs: START_US }),
  ...ALL.map((at) => trade(at, 'replay')),
  tick({ timeUs: trade(COUNT).tradeTimeUs, endedUs: trade(COUNT).tradeTimeUs }),
];

/** A live log without some trades, of which a gap is told. It has not ended. */
function lacking(from: number, to: number): MarketEvent[] {
  const log: MarketEvent[] = [tick({ timeUs: START_US, beganUs: START_US - 1_000_000 })];
  for (const at of ALL) {
    if (at === to) log.push(trade(at), told(from, to, 'open'), told(from, to, 'unfillable'));
    else if (at < from || at > to) log.push(trade(at));
  }
  return log;
}

const WHOLE = { symbol: SYMBOL, fromUs: START_US, toUs: START_US + 3 * QUARTER_US };

function coverages(rows: ReturnType<typeof makeSurroundings>['rows']): readonly unknown[] {
  return [...new Set(candlesWithout(rows, []).map((row) => row.coverage))].sort();
}

test('files fill what the log of a live feed lost, once; what is folded later goes on from there', async () => {
  // Prepare
  const log = lacking(250, 520);
  const surroundings = await fold(log);
  assert.deepEqual(coverages(surroundings.rows), ['complete', 'gap', 'partial']);
  const files = { ...deps(surroundings, recorded), origin: 'files' as const };
  // Act
  const report = await rebuild(WHOLE, files, RULES);
  // Assess
  assert.ok(report.rowsWritten > 0 && report.panesReplaced > 80, JSON.stringify(report));
  const right = await fold([...lacking(COUNT, COUNT)]);
  const finals = (rows: typeof right.rows) =>
    candlesWithout(rows, ['version', 'reason', 'revision']).filter((row) => row.final === 'true');
  // The files' watch ended: what the live feed had open is final until it goes on.
  const of = new Map(finals(surroundings.rows).map((row) => [`${row.resolution} ${row.time}`, row]));
  for (const row of finals(right.rows)) assert.deepEqual(of.get(`${row.resolution} ${row.time}`), row);
  const reasons = candlesWithout(surroundings.rows, []).filter((row) => row.reason === 'rebuild');
  assert.equal(reasons.length, report.rowsWritten);

  const again = await rebuild(WHOLE, files, RULES);
  assert.deepEqual([again.rowsWritten, again.panesReplaced, again.epoch], [0, 0, null]);
  await assert.rejects(rebuild(WHOLE, deps(surroundings, log), RULES), {
    code: 'REBUILD_LOG_INCOMPLETE',
    message: /^The log does not hold the trades 1250 to /,
  });

  // The live feed goes on, ingest fills the gap after all, and both end as if nothing had been lost.
  const rest = [
    ...ALL.slice(250, 520).map((at) => trade(at, 'backfill')),
    told(250, 520, 'filled'),
    ...Array.from({ length: 60 }, (_, at) => trade(COUNT + at)),
    tick({ timeUs: trade(COUNT + 60).tradeTimeUs, endedUs: trade(COUNT + 60).tradeTimeUs }),
  ];
  const goOn = async (to: typeof right, before: number): Promise<void> => {
    const records = toRecords(rest).map((record) => ({ ...record, offset: record.offset + before }));
    await makeAggregate(to, false).process(toEvent(records));
  };
  await goOn(surroundings, log.length);
  await goOn(right, COUNT + 1);
  const apart = ['version', 'reason', 'revision'];
  assert.deepEqual(candlesWithout(surroundings.rows, apart), candlesWithout(right.rows, apart));
  assert.deepEqual(coverages(surroundings.rows), ['complete', 'partial']);
});

test('a gap that reaches beyond the range stays told until a range holds it whole', async () => {
  const surroundings = await fold(lacking(250, 520));
  const files = { ...deps(surroundings, recorded), origin: 'files' as const };
  const of = (from: number, to: number) => ({
    symbol: SYMBOL,
    fromUs: START_US + from * QUARTER_US,
    toUs: START_US + to * QUARTER_US,
  });
  const gaps = (): readonly unknown[] =>
    candlesWithout(surroundings.rows, [])
      .filter((row) => row.coverage === 'gap' && row.resolution === '10s')
      .map((row) => (Number(row.time) / 1_000 - START_US) / 1_000_000);
  const told = [740, 1_560];
  assert.deepEqual(gaps(), told);
  await rebuild(of(0, 1), files, RULES);
  assert.deepEqual(gaps(), told);
  await rebuild(of(1, 3), files, RULES);
  assert.deepEqual(gaps(), told);
  const untouched = await rebuild(of(1, 3), files, RULES);
  assert.deepEqual([untouched.rowsWritten, untouched.panesReplaced], [0, 0]);
  await rebuild(of(0, 3), files, RULES);
  assert.deepEqual(gaps(), []);
});

test('files that lack trades which the candles count are refused', async () => {
  const surroundings = await fold(lacking(COUNT, COUNT));
  const before = candlesWithout(surroundings.rows, []);
  const short = recorded.filter((event) => event.kind !== 'trade' || event.tradeId !== 1_300);
  await assert.rejects(rebuild(WHOLE, { ...deps(surroundings, short), origin: 'files' }, RULES), {
    code: 'REBUILD_LOG_INCOMPLETE',
    message: /^The files do not hold the trades 1300 to 1300 /,
  });
  await assert.rejects(rebuild(WHOLE, { ...deps(surroundings, []), origin: 'files' }, RULES), {
    code: 'REBUILD_NOTHING',
    message: /^The files hold no trade of BTCUSDT/,
  });
  assert.deepEqual(candlesWithout(surroundings.rows, []), before);
});

/** The trades of a log as a recorder saw them: each once, in order, without gaps and repairs. */
function recordingOf(log: readonly MarketEvent[]): readonly MarketEvent[] {
  const trades = log
    .filter((event): event is Trade => event.kind === 'trade' && event.symbol === SYMBOL)
    .filter((event, at, all) => all.findIndex(({ tradeId }) => tradeId === event.tradeId) === at)
    .sort((a, b) => a.tradeTimeUs - b.tradeTimeUs)
    .map((event): MarketEvent => ({ ...event, source: 'replay', receivedUs: event.receivedUs + 700_000 }));
  const { fromUs, toUs } = rangeOf(log);
  return [tick({ timeUs: fromUs, beganUs: fromUs }), ...trades, tick({ timeUs: toUs, endedUs: toUs })];
}

test('files with the trades that the state has change nothing, however these came to it', async () => {
  await fc.assert(
    fc.asyncProperty(marketLog, async (log) => {
      const surroundings = await fold(log);
      const files = { ...deps(surroundings, recordingOf(log)), origin: 'files' as const };
      const report = await rebuild(rangeOf(log), files, RULES);
      assert.deepEqual([report.rowsWritten, report.panesReplaced, report.epoch], [0, 0, null]);
    }),
    { numRuns: 100, endOnFailure: true },
  );
});

test('whatever trades the state lacks, files bring them, and a second rebuild writes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      marketLog,
      fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
      async (log, kept) => {
        const surroundings = await fold(
          log,
          makeSurroundings(),
          (event, at) => event.kind !== 'trade' || kept[at % kept.length] === true,
        );
        const recording = recordingOf(log);
        const files = { ...deps(surroundings, recording), origin: 'files' as const };
        await rebuild(rangeOf(log), files, RULES);
        const right = await fold(recording);
        assert.deepEqual(market(surroundings.rows), market(right.rows));
        const again = await rebuild(rangeOf(log), files, RULES);
        assert.deepEqual([again.rowsWritten, again.panesReplaced, again.epoch], [0, 0, null]);
      },
    ),
    { numRuns: 100, endOnFailure: true },
  );
});

test('a lost state is taken over whole from files, says nothing of the log, and the log folds on', async () => {
  const log = lacking(COUNT, COUNT);
  const folded = await fold(log);
  const surroundings = { ...folded, store: new MemoryStateStore() };
  const later = {
    ...deps(surroundings, recorded),
    origin: 'files' as const,
    nowMs: () => Date.UTC(2026, 10, 22),
  };
  await rebuild(WHOLE, later, RULES);
  const key = `trades#${SYMBOL}`;
  const hot = (await surroundings.store.readHot([key])).get(key);
  assert.ok(hot);
  const rules = { ...RULES.rules, whaleQuoteValue: null };
  assert.equal(readTradeState(SYMBOL, rules, hot.bytes).foldedTo, null);
  await fold(log, surroundings);
  assert.deepEqual(market(surroundings.rows), market((await fold(recorded)).rows));
});
