import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { KafkaHandler, MSKEvent } from '../../../shared/log/kafka-event.ts';
import type { LogRecord } from '../../../shared/log/log.ts';

/** How an invocation ended. `partial` gives the lowest failed offset by partition. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'partial'; readonly failedFrom: ReadonlyMap<number, number> }
  | { readonly kind: 'failed'; readonly error: unknown };

/** The function that a mapping calls. */
export interface InvokerOptions {
  readonly handler: KafkaHandler;
  readonly functionName: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
  readonly reportBatchItemFailures: boolean;
  readonly clock: Clock;
}

/** Calls the handler as Lambda does: with a timeout, and with its answer read as a batch response. */
export class Invoker {
  readonly #options: InvokerOptions;
  #count = 0;

  constructor(options: InvokerOptions) {
    this.#options = options;
  }

  /** The id of the last invocation. */
  get requestId(): string {
    return `00000000-0000-4000-8000-${String(this.#count).padStart(12, '0')}`;
  }

  async invoke(event: MSKEvent, records: readonly LogRecord[]): Promise<Outcome> {
    try {
      const answer = await this.#call(event);
      return this.#options.reportBatchItemFailures ? readAnswer(answer, records) : { kind: 'done' };
    } catch (error) {
      return { kind: 'failed', error };
    }
  }

  #call(event: MSKEvent): Promise<unknown> {
    const { handler, clock, timeoutMs, functionName, functionArn } = this.#options;
    this.#count += 1;
    const deadlineUs = clock.nowUs() + timeoutMs * 1000;
    const context = {
      functionName,
      invokedFunctionArn: functionArn,
      awsRequestId: this.requestId,
      getRemainingTimeInMillis: () => Math.max(0, Math.floor((deadlineUs - clock.nowUs()) / 1000)),
    };
    return new Promise((resolve, reject) => {
      // After the timeout the handler goes on beside its own retry, as a frozen and thawed Lambda may.
      const timer = clock.after(timeoutMs, () => {
        reject(
          new CodedError(
            'FUNCTION_TIMEOUT',
            `${functionName} took longer than its timeout of ${timeoutMs} ms.`,
            {
              data: { functionName, timeoutMs },
              canRetry: true,
            },
          ),
        );
      });
      const settle = (then: () => void) => {
        timer.cancel();
        then();
      };
      Promise.resolve()
        .then(() => handler(event, context))
        .then(
          (answer) => settle(() => resolve(answer)),
          (error) => settle(() => reject(error)),
        );
    });
  }
}

/**
 * Reads a batch response. As on AWS, no answer or an empty list is success, and one that names what was not in
 * the batch fails the whole batch.
 */
function readAnswer(answer: unknown, records: readonly LogRecord[]): Outcome {
  if (answer === null || answer === undefined || typeof answer !== 'object') return { kind: 'done' };
  const failures = 'batchItemFailures' in answer ? answer.batchItemFailures : undefined;
  if (failures === null || failures === undefined) return { kind: 'done' };
  if (!Array.isArray(failures)) return badAnswer('batchItemFailures is no list');
  if (failures.length === 0) return { kind: 'done' };
  const failedFrom = new Map<number, number>();
  for (const failure of failures) {
    const failed = findRecord(failure, records);
    if (failed === undefined)
      return badAnswer(`no record of the batch is meant by ${JSON.stringify(failure)}`);
    const lowest = failedFrom.get(failed.partition);
    if (lowest === undefined || failed.offset < lowest) failedFrom.set(failed.partition, failed.offset);
  }
  return { kind: 'partial', failedFrom };
}

function findRecord(failure: unknown, records: readonly LogRecord[]): LogRecord | undefined {
  const identifier = property(failure, 'itemIdentifier');
  const name = property(identifier, 'partition');
  const offset = property(identifier, 'offset');
  return records.find((record) => record.offset === offset && `${record.topic}-${record.partition}` === name);
}

function property(from: unknown, name: string): unknown {
  if (typeof from !== 'object' || from === null) return undefined;
  return Object.entries(from).find(([key]) => key === name)?.[1];
}

function badAnswer(what: string): Outcome {
  return {
    kind: 'failed',
    error: new CodedError('BAD_BATCH_RESPONSE', `The function's batch response cannot be used: ${what}.`),
  };
}
