import { IdRanges } from '../id-ranges.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import type { Gap, GapCause, Hole } from './gap.ts';
import { SymbolLedger } from './symbol-ledger.ts';
import { type ToldHole, ToldHoles } from './told-holes.ts';

/** What the compacted topic `binance.ledger` keeps of a symbol under the key `<symbol>/<task>`. */
export interface LedgerEntry {
  readonly symbol: MarketSymbol;
  readonly task: string;
  readonly ids: IdRanges;
  readonly highestTimeUs: Micros;
  readonly gaps: readonly Pick<
    Gap,
    'from' | 'to' | 'cause' | 'openedUs' | 'beforeUs' | 'afterUs' | 'state' | 'holes'
  >[];
  /** What the windows were told of the holes. */
  readonly told: readonly ToldHole[];
  /** The symbol's partition of the raw trades topic, and the offset below which the ids cover it. */
  readonly rawPartition: number;
  readonly rawOffset: number;
  /** The clock of the task when it was written. */
  readonly writtenUs: Micros;
  /** Whether the log had been told that the watch began. */
  readonly begun: boolean;
  /** Where the watch begins; null where an earlier run had told it. */
  readonly beganUs: Micros | null;
  /** The first trade since then is still to be learned; null where it is known. */
  readonly reachUs: Micros | null;
}

/** Ranges that an entry carries; what is older is far below any hole that is still open. */
const MAX_RANGES = 2_100;

/** Where and when an entry is written, and what is known of the watch. */
export type LedgerPlace = Omit<LedgerEntry, 'symbol' | 'ids' | 'highestTimeUs' | 'gaps' | 'told'>;

/**
 * The entry of a ledger as JSON text, by `shared/events/schemas/ledger-entry.schema.json`. `waiting` are ids that
 * were seen and are not in the log yet.
 */
export function encodeLedgerEntry(ledger: SymbolLedger, waiting: readonly number[], at: LedgerPlace): string {
  return JSON.stringify({
    symbol: ledger.symbol,
    task: at.task,
    ranges: without(ledger.ids, waiting)
      .ranges()
      .map(({ from, to }) => [from, to]),
    highest_time_ms: ledger.highestTimeUs / 1_000,
    gaps: ledger.gaps.map((gap) => ({
      from: gap.from,
      to: gap.to,
      state: gap.state,
      opened_ms: gap.openedUs / 1_000,
      cause: gap.cause,
      source: gap.source,
      before_ms: gap.beforeUs / 1_000,
      after_ms: gap.afterUs / 1_000,
      holes: gap.holes.map(holeJson),
    })),
    told: ledger.told.holes.map((hole) => ({ ...holeJson(hole), state: hole.state })),
    raw_partition: at.rawPartition,
    raw_offset: at.rawOffset,
    updated_ms: at.writtenUs / 1_000,
    begun: at.begun,
    began_ms: toMs(at.beganUs),
    reach_ms: toMs(at.reachUs),
  });
}

/** An entry back from its text; undefined where it is none. */
export function parseLedgerEntry(text: string): LedgerEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { symbol, task, ranges, highest_time_ms, gaps, told, raw_partition, raw_offset, updated_ms } = value;
  const ids = parseRanges(ranges);
  if (typeof symbol !== 'string' || typeof task !== 'string' || ids === undefined) return undefined;
  if (typeof highest_time_ms !== 'number' || typeof updated_ms !== 'number') return undefined;
  if (typeof raw_partition !== 'number' || typeof raw_offset !== 'number') return undefined;
  if (!Array.isArray(gaps)) return undefined;
  return {
    symbol,
    task,
    ids,
    highestTimeUs: micros(highest_time_ms),
    gaps: gaps.flatMap((gap: unknown) => parseGap(gap)),
    told: parseTold(told),
    rawPartition: raw_partition,
    rawOffset: raw_offset,
    writtenUs: micros(updated_ms),
    begun: value.begun !== false,
    beganUs: typeof value.began_ms === 'number' ? micros(value.began_ms) : null,
    reachUs: typeof value.reach_ms === 'number' ? micros(value.reach_ms) : null,
  };
}

function parseRanges(value: unknown): IdRanges | undefined {
  if (!Array.isArray(value)) return undefined;
  const ids = new IdRanges();
  for (const range of value) {
    if (!Array.isArray(range)) return undefined;
    const [from, to]: readonly unknown[] = range;
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return undefined;
    ids.addRange(Number(from), Number(to));
  }
  return ids;
}

/** The ledger that an entry tells of. */
export function ledgerOf(entry: LedgerEntry): SymbolLedger {
  const ledger = new SymbolLedger(entry.symbol, entry.ids, entry.highestTimeUs, new ToldHoles(entry.told));
  for (const gap of entry.gaps) {
    const holes = entry.ids.missingWithin(gap.from, gap.to).map(({ from, to }) => ({
      from,
      to,
      // Ids that waited are missing again: what they had cut off has the edges of the whole.
      beforeUs: gap.holes.find((hole) => hole.from === from)?.beforeUs ?? gap.beforeUs,
      afterUs: gap.holes.find((hole) => hole.to === to)?.afterUs ?? gap.afterUs,
    }));
    if (holes.length === 0) continue;
    const opened = ledger.open(gap.from, gap.to, gap, gap.openedUs, gap.cause, holes);
    opened.state = gap.state;
  }
  return ledger;
}

function holeJson(hole: Hole) {
  return {
    from: hole.from,
    to: hole.to,
    before_ms: hole.beforeUs / 1_000,
    after_ms: hole.afterUs / 1_000,
  };
}

function parseHole(value: unknown): readonly Hole[] {
  if (!isRecord(value)) return [];
  const { from, to, before_ms, after_ms } = value;
  if (typeof from !== 'number' || typeof to !== 'number') return [];
  if (typeof before_ms !== 'number' || typeof after_ms !== 'number') return [];
  return [{ from, to, beforeUs: micros(before_ms), afterUs: micros(after_ms) }];
}

function parseTold(value: unknown): readonly ToldHole[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const state =
      isRecord(entry) && entry.state === 'unfillable' ? ('unfillable' as const) : ('open' as const);
    return parseHole(entry).map((hole) => ({ ...hole, state }));
  });
}

function parseGap(gap: unknown): LedgerEntry['gaps'] {
  const [whole] = parseHole(gap);
  if (whole === undefined || !isRecord(gap)) return [];
  const { cause, opened_ms, state, holes } = gap;
  if (typeof opened_ms !== 'number') return [];
  return [
    {
      ...whole,
      cause: CAUSES.find((candidate) => candidate === cause) ?? 'outage',
      openedUs: micros(opened_ms),
      state: state === 'unfillable' ? 'unfillable' : 'open',
      holes: Array.isArray(holes) ? holes.flatMap((hole: unknown) => parseHole(hole)) : [whole],
    },
  ];
}

function toMs(us: Micros | null): number | null {
  return us === null ? null : us / 1_000;
}

function micros(ms: number): Micros {
  return Math.round(ms * 1_000);
}

const CAUSES: readonly GapCause[] = ['skipped', 'outage', 'first-start'];

function without(ids: IdRanges, waiting: readonly number[]): IdRanges {
  const left = new IdRanges();
  const gone = new IdRanges();
  for (const id of waiting) gone.add(id);
  for (const range of ids.ranges().slice(-MAX_RANGES))
    for (const part of gone.missingWithin(range.from, range.to)) left.addRange(part.from, part.to);
  return left;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
