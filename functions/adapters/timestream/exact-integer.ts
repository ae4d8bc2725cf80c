/**
 * An integer of 64 bits for the SDK's `number` fields. Record versions go beyond 2^53, where a number would be
 * rounded; the SDK writes a bigint exactly, though its types say `number`.
 */
export function exactInteger(text: string): number;
export function exactInteger(text: string): unknown {
  return BigInt(text);
}

/** The exact value of a `number` field of an answer, which holds a bigint beyond 2^53. */
export function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}
