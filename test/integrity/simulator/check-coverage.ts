import assert from 'node:assert/strict';
import type { MarketSymbol } from '../../../shared/units.ts';
import { PANE_US } from '../../../shared/window/resolution.ts';
import { isShared } from './check-ids.ts';
import type { RawHistory } from './raw-history.ts';
import { profileOf, type SimulationResult } from './simulation.ts';
import { candlesOf, type StoredCandle, startOf } from './stored-rows.ts';

/**
 * Coverage is what the ids and the exchange's own times imply: `gap` exactly where an id is missing inside a window
 * or at its edge, `partial` where the watch began or ended, `repaired` where a first copy is a backfill.
 */
export function checkCoverage(
  result: SimulationResult,
  symbol: MarketSymbol,
  history: RawHistory,
  missing: ReadonlySet<number>,
): void {
  const marked = markedPanes(result, symbol, history, missing);
  const unsure = unsurePanes(result, history, missing);
  for (const candle of candlesOf(result, symbol)) {
    const { name, columns, startPane, endPane } = candle;
    const panes = Array.from({ length: endPane - startPane }, (_, at) => startPane + at);
    const isMarked = panes.some((pane) => marked.has(pane));
    if (panes.some((pane) => unsure.has(pane))) continue;
    if (isMarked) assert.equal(columns.coverage, 'gap', `${name} lacks a trade and does not say so`);
    else assert.notEqual(columns.coverage, 'gap', `${name} is told as a gap and lacks nothing`);
    checkBounds(result, candle, history);
    if (columns.coverage === 'complete' || columns.coverage === 'repaired') checkWhole(candle, history);
  }
}

/**
 * The panes of the trades next to missing ones, on both sides. Before the first trade of a watch it is the one in
 * which the watch began.
 */
function markedPanes(
  { market }: SimulationResult,
  symbol: MarketSymbol,
  history: RawHistory,
  missing: ReadonlySet<number>,
): ReadonlySet<number> {
  const profile = profileOf(market, symbol);
  const had = (id: number): boolean => history.trades.has(id) || history.aggregated.has(id);
  const marked = new Set<number>();
  for (const id of missing) {
    for (const neighbour of [id - 1, id + 1]) {
      if (missing.has(neighbour)) continue;
      const [trade] = market.trades(profile, neighbour, neighbour);
      const timeUs = had(neighbour) ? (trade?.timeUs ?? 0) : Math.min(...history.began);
      marked.add(Math.floor(timeUs / PANE_US));
    }
  }
  return marked;
}

/**
 * Where two ingestors watch at once, each knows the edges of a hole by its own trades: what the other one brought of
 * it makes the hole smaller, and nobody may know the times of its new edges. And where REST is behind, the first
 * trade of a watch may be taken for one of before. The windows from one told edge to the other are not decided here.
 */
function unsurePanes(
  result: SimulationResult,
  history: RawHistory,
  missing: ReadonlySet<number>,
): ReadonlySet<number> {
  const shared = isShared(result);
  if (shared && history.began.length > 1 && missing.size > 0) return new Set(allPanes(result));
  const first = Math.min(...history.trades.keys(), ...history.aggregated, ...missing);
  const unsure = new Set<number>();
  for (const { change, states } of history.gaps.values()) {
    const isOpen = [...missing].some((id) => change.from <= id && id <= change.to);
    const isOverlapped = [...history.overlapped].some((id) => change.from <= id && id <= change.to);
    const isBefore = change.to < first && result.scenario.rest.lagMs > 0;
    if (!isBefore && !(shared && (isOverlapped || (isOpen && !states.has('filled'))))) continue;
    const last = Math.floor(change.afterUs / PANE_US);
    for (let pane = Math.floor(change.beforeUs / PANE_US); pane <= last; pane += 1) unsure.add(pane);
  }
  return unsure;
}

/** Every pane of the simulation. */
function allPanes({ scenario, lastUs }: SimulationResult): readonly number[] {
  const first = Math.floor(scenario.startUs / PANE_US) - 180;
  return Array.from({ length: Math.ceil(lastUs / PANE_US) - first }, (_, at) => first + at);
}

function checkBounds(result: SimulationResult, candle: StoredCandle, history: RawHistory): void {
  const { name, columns } = candle;
  const isCut =
    startOf(candle.startPane) < Math.min(...history.began) ||
    startOf(candle.endPane) > Math.max(...history.ended);
  if (columns.coverage === 'partial')
    assert.ok(isCut || history.began.length > 1, `${name} is no partial window`);
  // A session may begin with the time that REST told of a silent line, and what the line had held comes after it.
  const isHeld = result.scenario.silences.some(({ holdsFrames }) => holdsFrames);
  if (isCut && !isHeld && !isShared(result))
    assert.match(String(columns.coverage), /^(partial|gap)$/, `${name} was not watched whole`);
  assert.equal(columns.final, 'true', `${name} is not final`);
  if (columns.coverage === 'repaired-aggregate')
    assert.ok(result.scenario.byAggregates, `${name} was repaired by trades`);
}

function checkWhole({ name, columns }: StoredCandle, history: RawHistory): void {
  const [first, last] = [Number(columns.first_trade_id), Number(columns.last_trade_id)];
  assert.equal(Number(columns.trade_count), last - first + 1, `${name} lacks a trade`);
  const sources = Array.from({ length: last - first + 1 }, (_, at) => history.trades.get(first + at)?.source);
  const isRepaired = sources.includes('backfill');
  assert.equal(columns.coverage, isRepaired ? 'repaired' : 'complete', `${name}: coverage`);
}
