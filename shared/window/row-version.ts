const EPOCH_STEP = 2n ** 40n;
const EPOCH_ZERO_MS = Date.UTC(2026, 0, 1);

/** `epoch` × 2^40 + 2 × `sequence` + `final`, as text: beyond the reach of a number. */
export function rowVersion(epoch: number, sequence: number, final: boolean): string {
  return (BigInt(epoch) * EPOCH_STEP + BigInt(sequence) * 2n + (final ? 1n : 0n)).toString();
}

/** The epoch of a state that is created at this wall time: minutes since 2026-01-01, at least 0. */
export function epochAt(wallMs: number): number {
  return Math.max(0, Math.floor((wallMs - EPOCH_ZERO_MS) / 60_000));
}
