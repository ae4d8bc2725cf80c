/**
 * An error that code can tell apart by `code` and `data`, never by its message. The message says what went
 * wrong, where, and what to do next.
 */
export class CodedError extends Error {
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Whether the same call may succeed later. */
  readonly canRetry: boolean;

  constructor(
    code: string,
    message: string,
    options: { cause?: unknown; data?: Readonly<Record<string, unknown>>; canRetry?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = code;
    this.code = code;
    this.data = options.data ?? {};
    this.canRetry = options.canRetry ?? false;
  }
}

/** A broken invariant: a fault of this program, not of its input. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new CodedError('BROKEN_INVARIANT', `This must not happen: ${message}`);
}
