import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { FailureCondition } from '../../../shared/log/failure-headers.ts';
import type { LogProducer, LogRecord } from '../../../shared/log/log.ts';
import { LOG_ERRORS } from '../../../shared/log/log-errors.ts';
import { effectiveRetries, type MappingSettings } from '../../../shared/mapping-settings.ts';
import type { EventBuilder } from './event-builder.ts';
import { sendFailed } from './failure-destination.ts';
import type { Invoker, Outcome } from './invocation.ts';
import { errorText, type MappingCounters } from './mapping-status.ts';
import type { Patience } from './patience.ts';

/** Where records go that the function could not be made to take. */
export interface Destination {
  readonly topic: string;
  readonly producer: LogProducer;
}

/** What a batch's processing works with. */
export interface BatchRunDeps {
  readonly builder: EventBuilder;
  readonly invoker: Invoker;
  readonly settings: MappingSettings;
  readonly functionArn: string;
  readonly destination: Destination | undefined;
  readonly clock: Clock;
  readonly patience: Patience;
  readonly counters: MappingCounters;
  /** Records, in offset order per partition, that need not come again. */
  readonly onDone: (records: readonly LogRecord[]) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** A part of a batch that is still to be processed. */
interface Work {
  readonly records: readonly LogRecord[];
  /** Failed calls that count against the retries; a split is not counted, as on AWS. */
  readonly failures: number;
  readonly calls: number;
  readonly error: unknown;
}

/** Takes one batch through Lambda's rules of retrying, splitting and giving up, until nothing is left of it. */
export class BatchRun {
  readonly #deps: BatchRunDeps;

  constructor(deps: BatchRunDeps) {
    this.#deps = deps;
  }

  /** Resolves when every record is processed or given up, or when patience was stopped. */
  async process(records: readonly LogRecord[]): Promise<void> {
    const { patience, counters } = this.#deps;
    const stack: Work[] = [{ records, failures: 0, calls: 0, error: undefined }];
    for (let work = stack.pop(); work !== undefined && !patience.stopped; work = stack.pop()) {
      const fresh = await this.#withoutExpired(work);
      if (fresh.length === 0) continue;
      const outcome = await this.#invoke(fresh);
      if (outcome.kind === 'done') {
        patience.succeeded();
        await this.#deps.onDone(fresh);
        continue;
      }
      counters.failedInvocations += 1;
      const error = outcome.kind === 'failed' ? outcome.error : undefined;
      if (error !== undefined) this.#deps.onError(error);
      const left = outcome.kind === 'partial' ? await this.#keepFailed(fresh, outcome.failedFrom) : fresh;
      const next = await this.#plan({ ...work, records: left, calls: work.calls + 1, error }, outcome.kind);
      if (next.length === 0) continue;
      stack.push(...next.toReversed());
      await patience.wait();
    }
  }

  /** A single record whose event is over the payload limit: there is no way to give it to the function. */
  async refuseTooLarge(record: LogRecord): Promise<void> {
    await this.#giveUp([record], 'PayloadSizeExceeded', {
      calls: 0,
      error: new CodedError('PAYLOAD_TOO_LARGE', 'The record alone makes an event of over 6 MB.'),
    });
  }

  async #invoke(records: readonly LogRecord[]): Promise<Outcome> {
    const { builder, invoker, counters } = this.#deps;
    counters.invocations += 1;
    counters.invokedEvents += records.length;
    counters.inFlightEvents += records.length;
    try {
      return await invoker.invoke(builder.build(records), records);
    } finally {
      counters.inFlightEvents -= records.length;
    }
  }

  /** What follows on a failure: the parts to process, in order; none where the records were given up. */
  async #plan(work: Work, kind: 'failed' | 'partial'): Promise<readonly Work[]> {
    const { settings, destination } = this.#deps;
    if (kind === 'failed' && settings.bisectOnFunctionError && work.records.length > 1) {
      const middle = work.records.length >> 1;
      return [
        { ...work, records: work.records.slice(0, middle) },
        { ...work, records: work.records.slice(middle) },
      ];
    }
    const failures = work.failures + 1;
    if (failures > effectiveRetries(settings, destination !== undefined)) {
      await this.#giveUp(work.records, 'RetryAttemptsExhausted', work);
      return [];
    }
    return [{ ...work, failures }];
  }

  /** Marks what a partial failure let through as done; gives the rest. */
  async #keepFailed(
    records: readonly LogRecord[],
    failedFrom: ReadonlyMap<number, number>,
  ): Promise<readonly LogRecord[]> {
    const failed = ({ partition, offset }: LogRecord) => {
      const from = failedFrom.get(partition);
      return from !== undefined && offset >= from;
    };
    const done = records.filter((record) => !failed(record));
    if (done.length > 0) await this.#deps.onDone(done);
    return records.filter(failed);
  }

  async #withoutExpired(work: Work): Promise<readonly LogRecord[]> {
    const { maxRecordAgeMs } = this.#deps.settings;
    if (maxRecordAgeMs < 0) return work.records;
    const oldestMs = this.#deps.clock.nowUs() / 1000 - maxRecordAgeMs;
    const expired = work.records.filter(({ timestampMs }) => timestampMs < oldestMs);
    if (expired.length === 0) return work.records;
    await this.#giveUp(expired, 'RecordAgeExceeded', work);
    return work.records.filter(({ timestampMs }) => timestampMs >= oldestMs);
  }

  async #giveUp(
    records: readonly LogRecord[],
    condition: FailureCondition,
    { calls, error }: Pick<Work, 'calls' | 'error'>,
  ): Promise<void> {
    const { destination, invoker, functionArn, counters, patience } = this.#deps;
    const failure = {
      condition,
      functionArn,
      requestId: invoker.requestId,
      invokeCount: calls,
      error: error === undefined ? '' : errorText(error),
    };
    while (destination !== undefined) {
      try {
        await sendFailed(destination.producer, destination.topic, records, failure);
        counters.deliveredToDestination += records.length;
        break;
      } catch (sendError) {
        this.#deps.onError(sendError);
        // No destination can take such a record; anything else passes, and until then nothing is lost.
        if (sendError instanceof CodedError && sendError.code === LOG_ERRORS.recordTooLarge) break;
        await patience.wait();
        if (patience.stopped) return;
      }
    }
    counters.droppedEvents += records.length;
    await this.#deps.onDone(records);
  }
}
