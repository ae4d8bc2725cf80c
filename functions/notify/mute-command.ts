import { CodedError } from '../../shared/coded-error.ts';
import { SIGNAL_KINDS } from '../../shared/events/signal.ts';
import type { Millis } from '../../shared/units.ts';
import type { Mute } from './mute.ts';
import type { IncidentStore } from './ports.ts';

const UNITS: Readonly<Record<string, Millis>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_MUTES = 100;

/** What an operator may give; all text, as typed. */
export interface MuteArguments {
  readonly symbol?: string | undefined;
  readonly kind?: string | undefined;
  /** Such as `30m`, `2h`, `1d`. */
  readonly for?: string | undefined;
  readonly note?: string | undefined;
}

/**
 * Reads a mute from an operator's words. Without symbol or kind it fits every symbol or kind.
 * @throws CodedError `MUTE_INVALID` that says what to type instead.
 */
export function readMute(given: MuteArguments, nowMs: Millis): Mute {
  const [, amount, unit = ''] = /^(\d{1,4})([smhd])$/.exec(given.for ?? '') ?? [];
  const unitMs = UNITS[unit];
  if (amount === undefined || unitMs === undefined) {
    throw new CodedError('MUTE_INVALID', 'Say how long: --for 30m, 2h or 1d.');
  }
  const kind = SIGNAL_KINDS.find((known) => known === given.kind);
  if (given.kind !== undefined && kind === undefined) {
    throw new CodedError(
      'MUTE_INVALID',
      `There is no kind ${given.kind}. The kinds: ${SIGNAL_KINDS.join(', ')}.`,
    );
  }
  const symbol = given.symbol?.toUpperCase();
  if (symbol !== undefined && !/^[\p{L}\p{N}._-]{1,32}$/u.test(symbol)) {
    throw new CodedError('MUTE_INVALID', `${given.symbol} is no symbol; one looks like BTCUSDT.`);
  }
  return {
    ...(symbol === undefined ? {} : { symbol }),
    ...(kind === undefined ? {} : { kind }),
    fromMs: nowMs,
    untilMs: nowMs + Number(amount) * unitMs,
    note: (given.note ?? '').slice(0, 200),
  };
}

/** Adds a mute (or with null none), drops those that are over, and returns the ones that hold. */
export async function changeMutes(
  store: IncidentStore,
  added: Mute | null,
  nowMs: Millis,
): Promise<readonly Mute[]> {
  const kept = (await store.readMutes()).filter((mute) => mute.untilMs > nowMs);
  const mutes = added === null ? kept : [...kept, added].slice(-MAX_MUTES);
  await store.saveMutes(mutes);
  return mutes;
}
