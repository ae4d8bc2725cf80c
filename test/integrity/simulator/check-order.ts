import assert from 'node:assert/strict';
import { readRawRecord } from '../../../shared/binance/read-raw-record.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import { parseRawHeader } from '../../../shared/events/raw-header.ts';
import type { GapChange, Tick } from '../../../shared/events/tick.ts';
import type { Trade } from '../../../shared/events/trade.ts';
import type { Micros } from '../../../shared/units.ts';
import type { HandedRecord, SimulationResult } from './simulation.ts';

const SLACK_US = 50_000;

/** A trade or a change of a gap as a process handed it over. */
interface Handed {
  readonly event: Trade | Tick;
  readonly atUs: Micros;
  /** The number of the frame, in the order of arrival. */
  readonly frame: number;
}

/**
 * A process hands the trades of a symbol over in the order of their ids. One comes after a higher one only where it
 * passed before the process watched, or where a gap that holds it was told so long before the higher one that trades
 * no longer wait, or was given up; a process that stops lets go of all that waits. A frame that came after that of a
 * higher trade fills a hole, and goes at once.
 */
export function checkOrder(result: SimulationResult): void {
  const lanes = Map.groupBy(result.handed, ({ process, record }) => `process ${process} ${record.key}`);
  const { gapWaitMs, ingestEvents } = result.scenario;
  // When a tick was made is known by the clock of its process, which may be off by what it was stepped.
  const steps = ingestEvents.filter(({ kind }) => kind === 'clock-step');
  const offUs = steps.reduce((sum, { ms }) => sum + Math.abs(ms) * 1_000, SLACK_US);
  for (const [name, records] of lanes) {
    const stopUs = result.lives.get(records[0]?.process ?? -1)?.stopUs ?? Infinity;
    checkLane(
      name,
      records.flatMap((record) => handedOf(record) ?? []),
      stopUs,
      gapWaitMs * 1_000 - offUs,
    );
  }
}

function checkLane(name: string, all: readonly Handed[], stopUs: Micros, waitUs: Micros): void {
  const late = lateFrames(all);
  const had = new Set<number>();
  const told: { readonly gap: GapChange; readonly atUs: Micros }[] = [];
  const highs: { readonly id: number; readonly atUs: Micros }[] = [];
  let firstLive = Infinity;
  for (const { event, atUs } of all) {
    // A tick may have waited for a slow log.
    if (event.kind === 'tick') {
      if (event.gap !== null) told.push({ gap: event.gap, atUs: Math.min(atUs, event.receivedUs) });
      continue;
    }
    const { tradeId: id, source } = event;
    if (had.has(id)) continue;
    had.add(id);
    if (source === 'live' && firstLive === Infinity) firstLive = id;
    const above = highs.find((high) => high.id > id);
    if (above === undefined) {
      if (!late.has(id)) highs.push({ id, atUs });
      continue;
    }
    if (id < firstLive || atUs > stopUs) continue;
    const isLetGo = told.some(
      ({ gap, atUs: toldUs }) =>
        gap.from <= id &&
        id <= gap.to &&
        toldUs <= above.atUs &&
        (gap.state === 'unfillable' || above.atUs - toldUs >= waitUs),
    );
    assert.ok(isLetGo, `${name}: trade ${id} was handed over after ${above.id}`);
  }
}

/** The trades whose frames came after the frame of a higher one. */
function lateFrames(all: readonly Handed[]): ReadonlySet<number> {
  const late = new Set<number>();
  let highest = 0;
  for (const { event } of all.toSorted((a, b) => a.frame - b.frame)) {
    if (event.kind !== 'trade' || event.source !== 'live') continue;
    if (event.tradeId < highest) late.add(event.tradeId);
    highest = Math.max(highest, event.tradeId);
  }
  return late;
}

function handedOf({ record, atUs }: HandedRecord): Handed | undefined {
  const header = parseRawHeader(String(record.headers?.[0]?.[1] ?? ''));
  const outcome = readRawRecord(
    {
      value: Buffer.from(record.value ?? ''),
      key: record.key === null ? null : String(record.key),
      header,
      raw: { partition: 0, offset: 0 },
      timestampMs: 0,
    },
    DEFAULT_VALIDATION_RULES,
  );
  if (outcome.kind !== 'event' || header === undefined) return undefined;
  const { event } = outcome;
  return event.kind === 'trade' || event.kind === 'tick' ? { event, atUs, frame: header.frame } : undefined;
}
