/** Microseconds as text in milliseconds, with three decimals where they are not whole; negative spans too. */
export function timeText(us: number): string {
  if (us < 0) return `-${timeText(-us)}`;
  const rest = us % 1000;
  const ms = (us - rest) / 1000;
  return rest === 0 ? String(ms) : `${ms}.${String(rest).padStart(3, '0')}`;
}
