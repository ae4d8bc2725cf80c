import type { Micros } from '../../shared/units.ts';
import { usageError } from './cli-failure.ts';

const ISO = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?)?$/;
const ZONE = /Z$|[+-]\d\d:\d\d$/;

/** A time given on the command line: ISO 8601, UTC where no zone is named; a date alone is its midnight. */
export function commandTime(flag: string, given: string | undefined): Micros {
  const text = given?.trim().replace(' ', 'T') ?? '';
  const isTimed = text.includes('T');
  const ms = ISO.test(text) ? Date.parse(isTimed && !ZONE.test(text) ? `${text}Z` : text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw usageError(`--${flag} ${given ?? ''} is not a time such as 2026-11-21T14:05:00Z.`);
  }
  return ms * 1_000;
}
