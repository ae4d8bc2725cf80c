import assert from 'node:assert/strict';
import { readRawRecord } from '../../../shared/binance/read-raw-record.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import { parseRawHeader } from '../../../shared/events/raw-header.ts';
import type { GapChange } from '../../../shared/events/tick.ts';
import type { Micros } from '../../../shared/units.ts';
import type { HandedRecord, SimulationResult } from './simulation.ts';

interface Told {
  readonly gap: GapChange;
  readonly atUs: Micros;
}

interface Lane {
  /** The first trade that a socket brought: what is below passed before. */
  firstLive: number | undefined;
  readonly had: Set<number>;
  readonly told: Told[];
  /** Highest ids, each with when it was handed over. */
  readonly highs: { readonly id: number; readonly atUs: Micros }[];
}

/**
 * A process hands the trades of a symbol over in the order of their ids. One comes after a higher one only where it
 * passed before the process watched, or where a gap that holds it was told so long before the higher one that trades
 * no longer wait, or was given up; a process that stops lets go of all that waits.
 */
export function checkOrder(result: SimulationResult): void {
  const { scenario, stops } = result;
  const lanes = new Map<string, Lane>();
  for (const handed of result.handed) {
    const event = eventOf(handed);
    if (event === undefined) continue;
    const { process, atUs } = handed;
    const key = `process ${process} ${event.symbol}`;
    const lane = lanes.get(key) ?? { firstLive: undefined, had: new Set(), told: [], highs: [] };
    lanes.set(key, lane);
    if (event.kind === 'tick' && event.gap !== null)
      // It may have waited for a slow log.
      lane.told.push({ gap: event.gap, atUs: Math.min(atUs, event.receivedUs) });
    if (event.kind !== 'trade' || lane.had.has(event.tradeId)) continue;
    const id = event.tradeId;
    lane.had.add(id);
    if (event.source === 'live') lane.firstLive ??= id;
    const above = lane.highs.find((high) => high.id > id);
    if (above === undefined) lane.highs.push({ id, atUs });
    else if (id > (lane.firstLive ?? Infinity) && atUs <= (stops.get(process) ?? Infinity)) {
      const letGo = lane.told.some(
        ({ gap, atUs: toldUs }) =>
          gap.from <= id &&
          id <= gap.to &&
          toldUs <= above.atUs &&
          (gap.state === 'unfillable' || above.atUs - toldUs >= scenario.gapWaitMs * 1_000 - 50_000),
      );
      assert.ok(letGo, `${key}: trade ${id} was handed over after ${above.id}`);
    }
  }
}

function eventOf({ record }: HandedRecord): MarketEvent | undefined {
  const header = record.headers?.[0]?.[1];
  const outcome = readRawRecord(
    {
      value: Buffer.from(record.value ?? ''),
      key: record.key === null || record.key === undefined ? null : String(record.key),
      header: header === undefined ? undefined : parseRawHeader(String(header)),
      raw: { partition: 0, offset: 0 },
      timestampMs: 0,
    },
    DEFAULT_VALIDATION_RULES,
  );
  return outcome.kind === 'event' ? outcome.event : undefined;
}
