/** What preflight found. A `fault` stops the deployment before anything is made; a `notice` is to be known. */
export interface Finding {
  readonly kind: 'fault' | 'notice';
  /** Stable, for tests and for a search. */
  readonly code: string;
  readonly message: string;
}

/** Something that would stop the deployment in the middle. */
export function fault(code: string, message: string): Finding {
  return { kind: 'fault', code, message };
}

/** Something to be known that stops nothing. */
export function notice(code: string, message: string): Finding {
  return { kind: 'notice', code, message };
}
