import { CodedError } from '../../../shared/coded-error.ts';

/** What the retries need from outside. */
export interface RetryDeps {
  /** Resolves after that time. */
  readonly sleep: (delayMs: number) => Promise<void>;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** How often and how patiently a call is repeated. */
export interface RetryLimits {
  readonly maxAttempts: number;
  /** The bound of the first delay; each further one is twice the last. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/** What a failure means for the next attempt. */
type Fault = 'retry' | 'refused' | 'answer';

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
]);

const RETRIED_NAMES = new Set([
  'ThrottlingException',
  'InternalServerException',
  'TimeoutError',
  'RequestTimeout',
  'AbortError',
  'InvalidEndpointException',
]);

/** Exceptions that are an answer about the records, for the caller to read. */
const ANSWER_NAMES = new Set(['RejectedRecordsException', 'ConflictException']);

/**
 * Repeats a call of the SDK while it is throttled, fails on the server or does not get through, with
 * exponential backoff and full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 *
 * Fails with `STORE_UNAVAILABLE` after the last attempt and with `STORE_REFUSED` where repeating is no use;
 * an exception about the records passes through as it is.
 */
export async function withRetries<Result>(
  call: () => Promise<Result>,
  what: string,
  deps: RetryDeps,
  limits: RetryLimits,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (cause) {
      const fault = faultOf(cause);
      if (fault === 'answer') throw cause;
      const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      if (fault === 'refused') {
        throw new CodedError('STORE_REFUSED', `${what} was refused. ${said}`, { cause });
      }
      if (attempt >= limits.maxAttempts) {
        throw new CodedError('STORE_UNAVAILABLE', `${what} failed ${attempt} times, the last with ${said}`, {
          cause,
          data: { attempts: attempt },
          canRetry: true,
        });
      }
      const bound = Math.min(limits.maxDelayMs, limits.baseDelayMs * 2 ** (attempt - 1));
      await deps.sleep(deps.random() * bound);
    }
  }
}

function faultOf(error: unknown): Fault {
  if (typeof error !== 'object' || error === null) return 'refused';
  const name = 'name' in error && typeof error.name === 'string' ? error.name : '';
  if (ANSWER_NAMES.has(name)) return 'answer';
  if (RETRIED_NAMES.has(name)) return 'retry';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (NETWORK_CODES.has(code)) return 'retry';
  const status = statusOf(error);
  return status !== undefined && (status >= 500 || status === 429) ? 'retry' : 'refused';
}

function statusOf(error: object): number | undefined {
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
