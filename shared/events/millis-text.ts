import type { Micros } from '../units.ts';

/**
 * Microseconds as JSON milliseconds: whole where they are, else with exactly three decimals. A difference
 * may be negative.
 */
export function millisText(us: Micros): string {
  if (us < 0) return `-${millisText(-us)}`;
  const rest = us % 1000;
  const whole = (us - rest) / 1000;
  if (rest === 0) return `${whole}`;
  return `${whole}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`;
}

/** The same for a time that may be missing. */
export function millisTextOrNull(us: Micros | null): string {
  return us === null ? 'null' : millisText(us);
}

/** From the exchange's sending to the receipt; null where the exchange told no time. Negative where the clock here is behind. */
export function latencyText(receivedUs: Micros, eventTimeUs: Micros | null): string {
  return eventTimeUs === null ? 'null' : millisText(receivedUs - eventTimeUs);
}
