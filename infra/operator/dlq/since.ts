import { CodedError } from '../../../shared/coded-error.ts';
import type { Millis } from '../../../shared/units.ts';

const UNITS_MS: Readonly<Record<string, Millis>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m`, `2h`, `1d` back from now, or a date and time in ISO 8601. Fails with `USAGE`. */
export function sinceMs(text: string, nowMs: Millis): Millis {
  const span = /^(\d{1,9})([smhd])$/.exec(text);
  if (span !== null) return nowMs - Number(span[1]) * (UNITS_MS[span[2] ?? ''] ?? 0);
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new CodedError('USAGE', `--since ${text} is neither a span such as 30m, 2h, 1d nor a date and time.`);
}
