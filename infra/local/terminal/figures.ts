import type { Micros, Millis } from '../../../shared/units.ts';

/** A whole number with thousands apart: `1,234,567`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A count that fits a narrow cell: `999`, `12.3k`, `4.56M`, `7.89B`; three digits, or four below 10,000. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${threeDigits(value / 1e9)}B`;
  if (size >= 1e6) return `${threeDigits(value / 1e6)}M`;
  if (size >= 1e4) return `${threeDigits(value / 1e3)}k`;
  return size >= 100 || Number.isInteger(value) ? String(Math.round(value)) : threeDigits(value);
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 0.001) return value.toExponential(1);
  const decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
  return value.toFixed(decimals);
}

/** A rate per second: one decimal below 100. */
export function perSecond(value: number): string {
  return value >= 100 ? whole(value) : value.toFixed(1);
}

/** A price with as many decimals as the symbol's prices have. */
export function price(value: number, decimals: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A length of time: `850 ms`, `1.2 s`, `3 min`, `2 h`. Negative where a clock is ahead. */
export function duration(ms: Millis): string {
  const size = Math.abs(ms);
  if (size < 1_000) return `${Math.round(ms)} ms`;
  if (size < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (size < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}

/** How long something has run: `00:12:33`, days before it. */
export function elapsed(ms: Millis): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = `${two(Math.floor(seconds / 3_600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days > 0 ? `${days} d ${clock}` : clock;
}

/** A time as `2024-08-08 23:55:00` (UTC). */
export function dateTime(us: Micros): string {
  return new Date(Math.floor(us / 1_000)).toISOString().slice(0, 19).replace('T', ' ');
}

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** Values as bars between their least and their most; a flat series lies in the middle. */
export function sparkline(values: readonly number[]): string {
  const least = Math.min(...values);
  const range = Math.max(...values) - least;
  return values
    .map((value) => (range === 0 ? BARS[3] : (BARS[Math.round(((value - least) / range) * 7)] ?? BARS[7])))
    .join('');
}

/** How much of something is done, as a bar of `width` cells. */
export function progressBar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
