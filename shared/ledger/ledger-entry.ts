import { IdRanges } from '../id-ranges.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import type { Gap, GapCause } from './gap.ts';
import { SymbolLedger } from './symbol-ledger.ts';

/** What the compacted topic `binance.ledger` keeps of a symbol under the key `<symbol>/<task>`. */
export interface LedgerEntry {
  readonly symbol: MarketSymbol;
  readonly task: string;
  readonly ids: IdRanges;
  readonly highestTimeUs: Micros;
  readonly gaps: readonly Pick<
    Gap,
    'from' | 'to' | 'cause' | 'openedUs' | 'beforeUs' | 'afterUs' | 'state'
  >[];
  /** The symbol's partition of the raw trades topic, and the offset below which the ids cover it. */
  readonly rawPartition: number;
  readonly rawOffset: number;
  /** The clock of the task when it was written. */
  readonly writtenUs: Micros;
}

/** Ranges that an entry carries; what is older is far below any hole that is still open. */
const MAX_RANGES = 2_100;

/** Where and when an entry is written. */
export type LedgerPlace = Pick<LedgerEntry, 'task' | 'rawPartition' | 'rawOffset' | 'writtenUs'>;

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
    })),
    raw_partition: at.rawPartition,
    raw_offset: at.rawOffset,
    updated_ms: at.writtenUs / 1_000,
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
  const { symbol, task, ranges, highest_time_ms, gaps, raw_partition, raw_offset, updated_ms } = value;
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
    rawPartition: raw_partition,
    rawOffset: raw_offset,
    writtenUs: micros(updated_ms),
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
  const ledger = new SymbolLedger(entry.symbol, entry.ids, entry.highestTimeUs);
  for (const gap of entry.gaps) {
    const opened = ledger.open(gap.from, gap.to, gap, gap.openedUs, gap.cause);
    opened.state = gap.state;
  }
  return ledger;
}

function parseGap(gap: unknown): LedgerEntry['gaps'] {
  if (!isRecord(gap)) return [];
  const { from, to, cause, opened_ms, before_ms, after_ms, state } = gap;
  if (typeof from !== 'number' || typeof to !== 'number' || typeof opened_ms !== 'number') return [];
  if (typeof before_ms !== 'number' || typeof after_ms !== 'number') return [];
  return [
    {
      from,
      to,
      cause: CAUSES.find((candidate) => candidate === cause) ?? 'outage',
      openedUs: micros(opened_ms),
      beforeUs: micros(before_ms),
      afterUs: micros(after_ms),
      state: state === 'unfillable' ? 'unfillable' : 'open',
    },
  ];
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
