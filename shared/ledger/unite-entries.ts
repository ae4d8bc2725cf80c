import { type IdRange, IdRanges } from '../id-ranges.ts';
import type { Micros } from '../units.ts';
import type { Hole } from './gap.ts';
import type { LedgerEntry } from './ledger-entry.ts';

/** An entry written longer before the newest is of a task that was gone when the newest one's watch went on. */
const TOGETHER_US: Micros = 600_000_000;
const HOUR_US: Micros = 3_600_000_000;

/**
 * What the tasks that watched a symbol at the same time know together, the newest entry first. The ids are those of
 * all of them. What is missing above the newest entry's own ids and below another's is a hole that neither knew of.
 * Entries of another count of the ids (the exchange began anew) are left out. Undefined without an entry.
 */
export function uniteEntries(newestFirst: readonly LedgerEntry[]): LedgerEntry | undefined {
  const [last] = newestFirst;
  if (last === undefined) return undefined;
  const together = newestFirst.filter(({ writtenUs }) => last.writtenUs - writtenUs <= TOGETHER_US);
  const newest = together.find(({ ids }) => ids.count > 0) ?? last;
  const entries = together.filter((entry) => !isOtherCount(newest, entry));
  const ids = new IdRanges();
  for (const entry of entries) for (const { from, to } of entry.ids.ranges()) ids.addRange(from, to);
  const highest = ids.highest;
  const told = new Map(
    entries.flatMap((entry) => entry.told).map((hole) => [`${hole.from}-${hole.to}`, hole]),
  );
  for (const hole of newest.told) told.set(`${hole.from}-${hole.to}`, hole);
  return {
    ...newest,
    writtenUs: last.writtenUs,
    ids,
    highestTimeUs:
      entries.find((entry) => entry.ids.highest === highest)?.highestTimeUs ?? newest.highestTimeUs,
    gaps: [...newest.gaps, ...unknownParts(newest, ids).map((part) => gapOf(part, newest, entries))],
    told: [...told.values()],
    rawOffset: Math.min(...entries.map(({ rawOffset }) => rawOffset)),
    begun: entries.some(({ begun }) => begun),
    reachUs: reachOf(newest, entries),
  };
}

/** Where nothing is known of the trades, the watch began with the first of the tasks. */
function reachOf(newest: LedgerEntry, entries: readonly LedgerEntry[]): Micros | null {
  if (newest.ids.count > 0) return newest.reachUs;
  const reaches = entries.flatMap(({ reachUs }) => reachUs ?? []);
  return reaches.length === 0 ? null : Math.min(...reaches);
}

/** Higher ids at a time well before: the exchange has begun to count anew since. */
function isOtherCount(newest: LedgerEntry, other: LedgerEntry): boolean {
  const [mine, theirs] = [newest.ids.highest, other.ids.highest];
  return (
    mine !== undefined &&
    theirs !== undefined &&
    theirs > mine &&
    newest.highestTimeUs - other.highestTimeUs > HOUR_US
  );
}

/** The missing ids above the newest entry's own that none of its gaps names. */
function unknownParts(newest: LedgerEntry, ids: IdRanges): readonly IdRange[] {
  const [own, highest] = [newest.ids.highest, ids.highest];
  if (own === undefined || highest === undefined) return [];
  const named = new IdRanges();
  for (const { from, to } of newest.gaps) named.addRange(from, to);
  return ids.missingWithin(own + 1, highest).flatMap(({ from, to }) => named.missingWithin(from, to));
}

/** Where the trades at its edges are not known to any task, the edges lie further out: more is marked, not less. */
function gapOf(part: IdRange, newest: LedgerEntry, entries: readonly LedgerEntry[]): LedgerEntry['gaps'][0] {
  const known = entries.flatMap((entry) => [...entry.gaps.flatMap((gap) => gap.holes), ...entry.told]);
  const above = entries.filter(({ ids }) => (ids.highest ?? 0) > part.to);
  const beforeUs =
    known.find(({ from }) => from === part.from)?.beforeUs ??
    entries.find(({ ids }) => ids.highest === part.from - 1)?.highestTimeUs ??
    newest.highestTimeUs;
  const afterUs =
    known.find(({ to }) => to === part.to)?.afterUs ??
    Math.min(...above.map(({ highestTimeUs }) => highestTimeUs));
  const hole: Hole = { ...part, beforeUs, afterUs: Math.max(beforeUs, afterUs) };
  return { ...hole, cause: 'outage', openedUs: newest.writtenUs, state: 'open', holes: [hole] };
}
