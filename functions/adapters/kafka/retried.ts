import type { Clock } from '../../../shared/clock.ts';
import { giveUp } from './give-up.ts';
import { hasType, toLogError } from './kafka-errors.ts';
import type { FetchingCluster } from './kafkajs-internals.ts';

/** What is asked of a cluster, and how. */
export interface RetriedCall<Result> {
  readonly cluster: FetchingCluster;
  readonly clock: Clock;
  readonly brokers: string;
  readonly topic: string;
  /** Completes the sentence "Could not …". */
  readonly what: string;
  readonly work: () => Promise<Result>;
}

/** A broker that restarts is back within this; then the error is told. */
const TRIES = 8;
const RETRY_MS = 500;

/** Asks again for as long as the error may pass, eight times at most, on connections that are made anew. */
export async function retried<Result>(call: RetriedCall<Result>): Promise<Result> {
  const { cluster, clock, brokers, topic, what, work } = call;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (cause) {
      if (hasType(cause, 'OFFSET_OUT_OF_RANGE')) throw cause;
      const error = toLogError(cause, { what, topic, brokers });
      if (!error.canRetry || attempt === TRIES) throw error;
      await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
      // Where it does not know the brokers any more, the next try connects anew.
      await cluster.refreshMetadata().catch(() => giveUp(cluster));
    }
  }
}
