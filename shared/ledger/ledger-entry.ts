import { IdRanges } from '../id-ranges.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import type { Gap, GapCause } from './gap.ts';
import { SymbolLedger } from './symbol-ledger.ts';

/** The next offset of each partition of the raw trades topic: what is below is covered by the ids. */
export type RawOffsets = Readonly<Record<string, number>>;

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
  readonly rawOffsets: RawOffsets;
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

/** The entry of a ledger as JSON text. `waiting` are ids that were seen and are not in the log yet. */
export function encodeLedgerEntry(
  ledger: SymbolLedger,
  waiting: readonly number[],
  at: Omit<LedgerEntry, 'symbol' | 'ids' | 'highestTimeUs' | 'gaps'>,
): string {
  return JSON.stringify({
    v: 1,
    symbol: ledger.symbol,
    task: at.task,
    ids: without(ledger.ids, waiting).serialise(),
    highest_time_us: ledger.highestTimeUs,
    gaps: ledger.gaps.map((gap) => ({
      from: gap.from,
      to: gap.to,
      cause: gap.cause,
      opened_us: gap.openedUs,
      before_us: gap.beforeUs,
      after_us: gap.afterUs,
      state: gap.state,
    })),
    raw_offsets: at.rawOffsets,
    written_us: at.writtenUs,
    begun: at.begun,
    began_us: at.beganUs,
    reach_us: at.reachUs,
  });
}

/** An entry back from its text; undefined where it is none of ours or of a newer format. */
export function parseLedgerEntry(text: string): LedgerEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || value.v !== 1) return undefined;
  const { symbol, task, ids, highest_time_us, gaps, raw_offsets, written_us } = value;
  const ranges = typeof ids === 'string' ? IdRanges.parse(ids) : undefined;
  if (typeof symbol !== 'string' || typeof task !== 'string' || ranges === undefined) return undefined;
  if (typeof highest_time_us !== 'number' || typeof written_us !== 'number') return undefined;
  if (!Array.isArray(gaps) || !isRecord(raw_offsets)) return undefined;
  const rawOffsets: Record<string, number> = {};
  for (const [partition, next] of Object.entries(raw_offsets))
    if (typeof next === 'number') rawOffsets[partition] = next;
  return {
    symbol,
    task,
    ids: ranges,
    highestTimeUs: highest_time_us,
    gaps: gaps.flatMap((gap: unknown) => parseGap(gap)),
    rawOffsets,
    writtenUs: written_us,
    begun: value.begun !== false,
    beganUs: typeof value.began_us === 'number' ? value.began_us : null,
    reachUs: typeof value.reach_us === 'number' ? value.reach_us : null,
  };
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
  const { from, to, cause, opened_us, before_us, after_us, state } = gap;
  if (typeof from !== 'number' || typeof to !== 'number' || typeof opened_us !== 'number') return [];
  if (typeof before_us !== 'number' || typeof after_us !== 'number') return [];
  const known = CAUSES.find((candidate) => candidate === cause) ?? 'outage';
  const isGone = state === 'unfillable';
  return [
    {
      from,
      to,
      cause: known,
      openedUs: opened_us,
      beforeUs: before_us,
      afterUs: after_us,
      state: isGone ? 'unfillable' : 'open',
    },
  ];
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
