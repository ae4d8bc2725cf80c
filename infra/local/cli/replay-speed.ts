import { usageError } from '../../operator/cli-failure.ts';

/** `--speed`: a factor above zero, or `max`. */
export function replaySpeed(text: string): number | 'max' {
  if (text === 'max') return 'max';
  const factor = Number(text);
  if (Number.isFinite(factor) && factor > 0) return factor;
  throw usageError(
    `--speed is "${text}"; allowed: max, or a number above 0 (2 is twice as fast as recorded).`,
  );
}
