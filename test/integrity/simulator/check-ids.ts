import assert from 'node:assert/strict';
import type { MarketSymbol } from '../../../shared/units.ts';
import type { columnsOf } from '../../shared/window/window-fixtures.ts';
import type { RawHistory } from './raw-history.ts';
import { profileOf, type SimulationResult } from './simulation.ts';
import { candlesOf, identityOf, isOf, rowsOf } from './stored-rows.ts';

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
  for (const id of missing) {
    const told = [...history.gaps.values()].some(
      ({ change, states }) => change.from <= id && id <= change.to && !states.has('filled'),
    );
    assert.ok(told, `${symbol}: trade ${id} is missing and no gap tells of it`);
    assert.ok(isExcused(result, symbol, missing, id), `${symbol}: trade ${id} was not repaired`);
  }
  checkTrades(result, symbol, history);
  return missing;
}

/** The ids of the watch that the raw log does not hold. */
function missingOf(
  { market, lastUs }: SimulationResult,
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
  for (let id = Math.min(began, ...had); id <= last; id += 1) if (!had.has(id)) missing.add(id);
  return missing;
}

/** Whether REST, once the faults were over, could not give a trade. */
function isExcused(
  { scenario, gone, market }: SimulationResult,
  symbol: MarketSymbol,
  missing: ReadonlySet<number>,
  id: number,
): boolean {
  if (scenario.rest.downMs?.[1] === Infinity) return true;
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
