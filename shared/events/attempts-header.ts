/** The second header of a raw record that was redriven: how often it had been tried before, as a number. */
export const ATTEMPTS_HEADER = 'attempts';

/** Which attempt a record is on: 1 without the header, or where it is unreadable. */
export function attemptOf(header: string | undefined): number {
  const before = header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : 0;
  return before + 1;
}
