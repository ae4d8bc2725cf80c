import assert from 'node:assert/strict';
import type { MarketSymbol } from '../../../shared/units.ts';
import type { columnsOf } from '../../shared/window/window-fixtures.ts';
import type { RawHistory } from './raw-history.ts';
import type { Scenario } from './scenario.ts';
import { profileOf, type SimulationResult } from './simulation.ts';
import { candlesOf, identityOf, isOf, rowsOf } from './stored-rows.ts';

/** How long a send may take at most. */
const LATE_WORDS_US = 10_000_000;

/**
 * Every id that the exchange issued in the watch is there exactly once; where it is not, a told gap holds it and the
 * exchange could not have given it. Returns those that are missing.
 */
export function checkIds(
  result: SimulationResult,
  symbol: MarketSymbol,
  history: RawHistory,
): ReadonlySet<number> {
  const missing = missingOf(result, symbol, history);
  // A second ingestor that began before the first one's ledger was in the log opened a session of its own: what
  // neither of them saw between the two is known to nobody (decision 053).
  const isDivided = isShared(result) && history.began.length > 1;
  for (const id of isDivided ? [] : missing) {
    // Two ingestors, one of which brought a part of the other's aggregate singly.
    if (history.overlapped.has(id) && isShared(result)) continue;
    assert.ok(isTold(history, id), `${symbol}: trade ${id} is missing and no gap tells of it`);
    assert.ok(isExcused(result, symbol, missing, id), `${symbol}: trade ${id} was not repaired`);
  }
  checkTrades(result, symbol, history);
  return missing;
}

/** Whether a gap that was told, and not told as filled, holds an id. */
function isTold({ gaps }: RawHistory, id: number): boolean {
  return [...gaps.values()].some(
    ({ change, states }) => change.from <= id && id <= change.to && !states.has('filled'),
  );
}

/** The ids of the watch that the raw log does not hold. */
function missingOf(
  { market, lastUs, scenario }: SimulationResult,
  symbol: MarketSymbol,
  history: RawHistory,
): Set<number> {
  const profile = profileOf(market, symbol);
  const had = new Set([...history.trades.keys(), ...history.aggregated]);
  const missing = new Set<number>();
  if (had.size === 0) return missing;
  // The bound of a watch is told in milliseconds.
  const began = market.lastTradeId(profile, Math.min(...history.began) + 999) + 1;
  const last = market.lastTradeId(profile, lastUs - 50_000);
  const [lowest, highest] = [Math.min(...had), Math.max(...had)];
  for (let id = Math.min(began, lowest); id <= last; id += 1) {
    // Without REST nobody can know of what came before the first trade, or after the last one.
    if (had.has(id)) continue;
    const isKnowable = !isWithoutRest(scenario) || (id > lowest && id < highest);
    if (isKnowable || isTold(history, id)) missing.add(id);
  }
  return missing;
}

/** Whether REST, once the faults were over, could not give a trade. */
function isExcused(
  { scenario, gone, market }: SimulationResult,
  symbol: MarketSymbol,
  missing: ReadonlySet<number>,
  id: number,
): boolean {
  if (isWithoutRest(scenario)) return true;
  if (!scenario.byAggregates) return gone.get(symbol)?.has(id) ?? false;
  // Of an aggregate whose other trades were seen, what is left is only known while these are at hand.
  const profile = profileOf(market, symbol);
  const [trade] = market.trades(profile, id, id);
  const timeUs = trade?.timeUs ?? 0;
  const [aggregate] = market
    .between(profile, timeUs - 1, timeUs, (minute) => minute.aggTrades)
    .filter(({ firstId, lastId }) => firstId <= id && id <= lastId);
  if (aggregate === undefined) return false;
  for (let other = aggregate.firstId; other <= aggregate.lastId; other += 1)
    if (!missing.has(other)) return true;
  return false;
}

/** Whether REST went away for good. */
export function isWithoutRest({ rest }: Scenario): boolean {
  return rest.downMs?.[1] === Infinity;
}

/** Whether two ingestors wrote at once, or one while the last words of another that was gone were on their way. */
export function isShared({ lives, scenario }: SimulationResult): boolean {
  const late = scenario.portRates.zombie > 0 ? LATE_WORDS_US : 0;
  const all = [...lives.values()];
  return all.some((one) =>
    all.some((other) => other !== one && other.beganUs >= one.beganUs && other.beganUs < one.goneUs + late),
  );
}

/** The table of trades and the windows hold what the raw log holds. */
function checkTrades(result: SimulationResult, symbol: MarketSymbol, history: RawHistory): void {
  const idOf = (row: { columns: Parameters<typeof columnsOf>[0]['columns'] }): number =>
    Number(row.columns.find(({ name }) => name === 'trade_id')?.value);
  const refused = new Set(
    result.refusedRows.filter((row) => row.table === 'trades' && isOf(row, symbol)).map(idOf),
  );
  assert.deepEqual(
    rowsOf(result, 'trades')
      .filter((row) => isOf(row, symbol))
      .map(idOf)
      .sort((a, b) => a - b),
    [...history.trades.keys()].filter((id) => !refused.has(id)).sort((a, b) => a - b),
    `${symbol}: the rows of trades`,
  );
  const panes = candlesOf(result, symbol).filter(({ resolution }) => resolution.name === '10s');
  const stored = result.rows.table('candles').filter((row) => isOf(row, symbol));
  const shown = new Set(panes.map(({ row }) => identityOf(row)));
  // A pane of which the store refused a version counts by none.
  if (stored.some((row) => isPane(row.dimensions) && !shown.has(identityOf(row)))) return;
  if (result.refusedRows.some((row) => isOf(row, symbol) && isPane(row.dimensions))) return;
  assert.equal(
    panes.reduce((sum, { columns }) => sum + Number(columns.trade_count), 0),
    history.trades.size + history.aggregated.size,
    `${symbol}: the trades in the windows`,
  );
}

function isPane(dimensions: readonly (readonly [string, string])[]): boolean {
  return dimensions.some(([name, value]) => name === 'resolution' && value === '10s');
}
