import assert from 'node:assert/strict';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import type { MarketSymbol } from '../../../shared/units.ts';
import { ReferenceRevisions } from './reference-revisions.ts';
import type { SimulationResult } from './simulation.ts';
import { candlesOf } from './stored-rows.ts';

/** `revision` and `reason` of every candle are those of a fold of its own over the validated log. */
export function checkRevisions(
  result: SimulationResult,
  symbol: MarketSymbol,
  events: readonly MarketEvent[],
): void {
  const reference = new ReferenceRevisions(10_000_000);
  for (const event of events) if (event.symbol === symbol) reference.take(event);
  for (const { name, resolution, startPane, columns } of candlesOf(result, symbol)) {
    const { count, reasons } = reference.of(resolution.name, startPane);
    assert.equal(Number(columns.revision), count, `${name}: revision`);
    if (count === 0) assert.equal(columns.reason, undefined, `${name}: reason`);
    else assert.ok(reasons.has(String(columns.reason)), `${name}: ${columns.reason} for ${[...reasons]}`);
  }
}
