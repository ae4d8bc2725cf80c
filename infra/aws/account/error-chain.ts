/** More would be a circle. */
const MOST = 8;

/**
 * An error and what lies under it, outermost first. The SDK hides what AWS said: the discovery of Timestream's
 * endpoint throws an error of its own with the answer in `reason`, others use `cause`.
 */
export function errorChain(error: unknown): readonly Error[] {
  const chain: Error[] = [];
  let next: unknown = error;
  while (next instanceof Error && chain.length < MOST) {
    chain.push(next);
    next = Reflect.get(next, 'reason') ?? next.cause;
  }
  return chain;
}

/** The code of a failed system call, such as `ENOTFOUND`; empty where there is none. */
export function systemCode(error: Error): string {
  return String(Reflect.get(error, 'code') ?? '');
}
