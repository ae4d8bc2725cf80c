import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FaultSchedule } from '../../../infra/local/exchange/fault-schedule.ts';
import type { Row } from '../../../shared/row.ts';
import { columnsOf } from '../../shared/window/window-fixtures.ts';
import { checkSimulation } from './check-simulation.ts';
import { checkSpreads } from './check-spreads.ts';
import { describeScenario, type Scenario, scenarioOf } from './scenario.ts';
import { type SimulationResult, simulate } from './simulation.ts';

/** How many seeds are run; `SIMULATOR_SEEDS=20000` for a thorough run. */
const SEEDS = Number(process.env.SIMULATOR_SEEDS ?? 1_000);
/** One seed alone, its schedule printed. */
const ONLY = process.env.SIMULATOR_SEED;
/** Seeds of one test, so that a failure shows early. */
const TOGETHER = 100;

async function runSeed(seed: number): Promise<void> {
  try {
    await checkSimulation(await simulate(scenarioOf(seed)));
  } catch (error) {
    throw new Error(`Seed ${seed} fails. Run it alone with SIMULATOR_SEED=${seed}.`, { cause: error });
  }
}

/** A scenario in which nothing goes wrong. */
function calm(scenario: Scenario): Scenario {
  return {
    ...scenario,
    schedule: new FaultSchedule(scenario.seed, { endAfterMs: 1 }),
    calmAtMs: 1,
    portRates: { before: 0, after: 0, slow: 0, zombie: 0 },
    groupRates: { lostCommit: 0, rewind: 0 },
    ingestEvents: [],
    mappingRestartsMs: [],
    byAggregates: false,
    restDownMs: undefined,
  };
}

function withCoverage(row: Row, coverage: string): Row {
  const columns = row.columns.map((column) =>
    column.name === 'coverage' ? { ...column, value: coverage } : column,
  );
  return { ...row, columns };
}

describe('the fault simulator', () => {
  if (ONLY !== undefined) {
    it(`seed ${ONLY}`, async () => {
      const scenario = scenarioOf(Number(ONLY));
      console.log(describeScenario(scenario).join('\n'));
      const result = await simulate(scenario);
      for (const report of result.reports) console.log(JSON.stringify(report));
      console.log(Object.fromEntries(result.faults));
      await checkSimulation(result);
    });
    return;
  }

  for (let first = 0; first < SEEDS; first += TOGETHER) {
    const last = Math.min(first + TOGETHER, SEEDS) - 1;
    it(`seeds ${first} to ${last}: every id is there once or told, columns as without faults`, async () => {
      for (let seed = first; seed <= last; seed += 1) await runSeed(seed);
    });
  }

  it('is a pure function of the seed: the same rows and reports every time', async () => {
    const text = ({ rows, reports }: SimulationResult): string =>
      JSON.stringify([rows.table('candles'), rows.table('trades'), rows.table('quotes'), reports]);
    for (const seed of [3, 7, 18])
      assert.equal(text(await simulate(scenarioOf(seed))), text(await simulate(scenarioOf(seed))));
  });

  it('a quiet symbol’s last trade reaches the store and becomes final without any further trade', async () => {
    // XMRBTC trades about once in two minutes: its windows are closed by the time of its socket.
    const scenario = calm({ ...scenarioOf(3), symbols: ['TRXUSDT', 'XMRBTC'], endAtMs: 240_000 });
    const result = await simulate(scenario);
    await checkSimulation(result);
    const quiet = result.whileLive.filter((row) => row.dimensions.some(([, value]) => value === 'XMRBTC'));
    assert.ok(quiet.length > 0);
  });

  it('spreads are partial where nobody watched, and complete where a second ingestor did', async () => {
    const watched: Scenario = {
      ...calm(scenarioOf(3)),
      symbols: ['LTCUSDT'],
      endAtMs: 215_000,
      ingestEvents: [
        { kind: 'second', atMs: 50_000, ms: 8_000 },
        { kind: 'restart', atMs: 130_000, ms: 4_000 },
        { kind: 'crash', atMs: 178_000, ms: 5_000 },
      ],
    };
    const result = await simulate(watched);
    await checkSimulation(result);
    assert.deepEqual(checkSpreads(result), { missed: 4, watched: 4, covered: 1 });
    const spreads = result.rows.table('spreads');
    const coverage = spreads.map((row) => columnsOf(row).coverage);
    assert.deepEqual(
      coverage.join(' '),
      'partial complete complete complete complete partial partial partial',
    );
  });

  it('its checks fail where a spread hides what was missed, or tells of what was not', async () => {
    const result = await simulate({ ...calm(scenarioOf(3)), symbols: ['LTCUSDT'], endAtMs: 100_000 });
    for (const coverage of ['complete', 'partial']) {
      const table = (name: 'spreads') => result.rows.table(name).map((row) => withCoverage(row, coverage));
      const rows = Object.assign(Object.create(result.rows), { table });
      assert.throws(() => checkSpreads({ ...result, rows }), /watched all of it/);
    }
  });

  it('its checks fail where a trade is lost, counted twice, or not told', async () => {
    const scenario = scenarioOf(5);
    const result = await simulate(scenario);
    const [symbol = ''] = scenario.symbols;
    const mostTrades = result.rows.table('trades').find((row) => row.dimensions[0]?.[1] === symbol);
    assert.ok(mostTrades !== undefined);
    const rows = {
      table: (name: string) => result.rows.table(name === 'trades' ? 'trades' : 'candles').slice(1),
    };
    await assert.rejects(
      checkSimulation({ ...result, rows: Object.assign(Object.create(result.rows), rows) }),
      /the rows of trades|the trades in the windows/,
    );
  });
});
