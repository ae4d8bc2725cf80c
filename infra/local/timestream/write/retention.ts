import type { TableSettings } from '../catalogue.ts';
import { LIMITS } from '../limits.ts';

const HOUR_MS = 3_600_000;
const MS_NS = 1_000_000n;

/** Where a record goes by its time: one of the two stores, or nowhere. */
export type Placement =
  | { readonly kind: 'memory' }
  | { readonly kind: 'magnetic' }
  | { readonly kind: 'refused'; readonly reason: string };

/** The two times that a record is judged by. */
export interface StoreNow {
  readonly nowMs: number;
  /** Retention counts back from here: the same but in a replay, which leaves out silences between its files. */
  readonly retentionNowMs: number;
}

/** The oldest time that the table still keeps: both retentions one after the other. */
export function oldestKeptNs(settings: TableSettings, nowMs: number): bigint {
  return nsOf(nowMs - (settings.memoryHours + settings.magneticDays * 24) * HOUR_MS);
}

/**
 * Judges a record's time: at most 15 minutes ahead of the clock; what is older than the memory store keeps
 * goes to the magnetic store where its writes are enabled, down to the end of its retention.
 */
export function placementOf(timeNs: bigint, settings: TableSettings, now: StoreNow): Placement {
  const { nowMs, retentionNowMs } = now;
  const newestNs = nsOf(nowMs + LIMITS.futureMs);
  const memoryNs = nsOf(retentionNowMs - settings.memoryHours * HOUR_MS);
  if (timeNs < newestNs && timeNs >= memoryNs) return { kind: 'memory' };
  const isOld = timeNs < memoryNs;
  if (isOld && settings.magneticWrites) {
    const oldestNs = oldestKeptNs(settings, retentionNowMs);
    if (timeNs >= oldestNs) return { kind: 'magnetic' };
    return outside(oldestNs, newestNs, 'magnetic store');
  }
  return outside(memoryNs, newestNs, 'memory store');
}

function outside(fromNs: bigint, toNs: bigint, store: string): Placement {
  const range = `[${isoOf(fromNs)}, ${isoOf(toNs)})`;
  return {
    kind: 'refused',
    reason: `The record timestamp is outside the time range ${range} of the ${store}.`,
  };
}

function nsOf(ms: number): bigint {
  return BigInt(Math.max(0, Math.floor(ms))) * MS_NS;
}

function isoOf(ns: bigint): string {
  return new Date(Number(ns / MS_NS)).toISOString();
}
