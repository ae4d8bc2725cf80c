import type { Millis } from '../../shared/units.ts';

/** The bounds of the waits between attempts to connect. */
export interface BackoffLimits {
  /** @default 1,000 */
  readonly minMs: Millis;
  /** @default 60,000 */
  readonly maxMs: Millis;
}

/**
 * How long to wait before attempt `attempt` (from 0): it doubles up to the maximum, less up to a half by chance,
 * so that many monitors do not come back at the same moment. Never below the minimum.
 */
export function backoffMs(attempt: number, limits: BackoffLimits, random: () => number): Millis {
  const full = Math.min(limits.maxMs, limits.minMs * 2 ** Math.min(attempt, 30));
  return Math.max(limits.minMs, full * (1 - random() / 2));
}
