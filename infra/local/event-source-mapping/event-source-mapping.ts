import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { KafkaHandler } from '../../../shared/log/kafka-event.ts';
import type { Log, LogConsumer, PartitionLag } from '../../../shared/log/log.ts';
import { type MappingSettings, mappingFaults } from '../../../shared/mapping-settings.ts';
import { BatchRun } from './batch-run.ts';
import { EventBuilder } from './event-builder.ts';
import { Invoker } from './invocation.ts';
import { errorText, type MappingStatus, newCounters } from './mapping-status.ts';
import { Patience } from './patience.ts';
import { Poller } from './poller.ts';
import { Progress } from './progress.ts';

/** What a mapping joins, and how. */
export interface EventSourceMappingOptions {
  readonly log: Log;
  readonly topic: string;
  readonly groupId: string;
  readonly functionName: string;
  readonly handler: KafkaHandler;
  readonly settings: MappingSettings;
  readonly clock: Clock;
  /** Gets the records that are given up; without one they are dropped and counted. */
  readonly onFailureTopic?: string;
  /** Called with each error of the function or of the log, as it comes. */
  readonly onError?: (error: unknown) => void;
  /** Called once where the log fails for good and the mapping has ended. */
  readonly onFatal?: (error: unknown) => void;
  /** Stands in the event. @default a local address */
  readonly bootstrapServers?: string;
}

/** A running mapping. */
export interface EventSourceMapping {
  /** Lets running calls end and be committed, then leaves the group. */
  stop(): Promise<void>;
  /** Resolves when all that was in the topic at the call is processed and committed. */
  idle(): Promise<void>;
  status(): MappingStatus;
  /** Records behind the end of each partition. */
  lag(): Promise<readonly PartitionLag[]>;
}

const CLUSTER_ARN =
  'arn:aws:kafka:eu-central-1:000000000000:cluster/local/00000000-0000-0000-0000-000000000000-1';

/**
 * Calls a handler with the records of a topic by the rules of Lambda's event source mapping for Kafka:
 * the exact event, batches by size, time and 6 MB, order inside a partition, at-least-once, retries, splitting,
 * partial failures, and the failure destination. Each poller is a member of the group with one call at a time.
 *
 * @throws CodedError `MAPPING_SETTINGS` where Lambda would refuse the settings.
 */
export async function startEventSourceMapping(
  options: EventSourceMappingOptions,
): Promise<EventSourceMapping> {
  refuseFaults(options);
  const { log, topic, groupId, settings, clock, functionName } = options;
  const functionArn = `arn:aws:lambda:eu-central-1:000000000000:function:${functionName}`;
  const counters = newCounters();
  const reader = await log.reader();
  const partitions = await reader.partitions(topic);
  const progress = new Progress();
  // As on AWS the failure topic must exist before the mapping does.
  if (options.onFailureTopic !== undefined) await reader.partitions(options.onFailureTopic);
  const onError = (error: unknown) => {
    counters.lastError = errorText(error);
    options.onError?.(error);
  };
  const builder = new EventBuilder({
    arn: CLUSTER_ARN,
    bootstrapServers: options.bootstrapServers ?? '127.0.0.1:9092',
  });
  const invoker = new Invoker({
    handler: options.handler,
    functionName,
    functionArn,
    timeoutMs: settings.functionTimeoutMs,
    reportBatchItemFailures: settings.reportBatchItemFailures,
    clock,
  });
  const consumers = await joinGroup(log, { groupId, topic }, Math.min(partitions, settings.maximumPollers));
  const destination =
    options.onFailureTopic === undefined
      ? undefined
      : { topic: options.onFailureTopic, producer: await log.producer() };
  const pollers = consumers.map((consumer) => {
    const patience = new Patience(clock);
    const shared = { settings, builder, clock, patience, counters, onError };
    return new Poller({
      ...shared,
      consumer,
      batchRun: (onDone) => new BatchRun({ ...shared, invoker, functionArn, destination, onDone }),
      onCommitted: (offsets) => progress.committed(offsets),
    });
  });
  const lag = async () => (await Promise.all(pollers.map((poller) => poller.lag()))).flat();
  const running = Promise.all(
    pollers.map(async (poller) => {
      try {
        await poller.run();
      } catch (error) {
        if (counters.state === 'failed') return;
        counters.state = 'failed';
        for (const other of pollers) other.stop();
        progress.fail(error);
        options.onFatal?.(error);
      }
    }),
  );
  return {
    stop: async () => {
      for (const poller of pollers) poller.stop();
      await running;
      for (const poller of pollers) await poller.close();
      await destination?.producer.close();
      if (counters.state === 'running') counters.state = 'stopped';
      progress.fail(
        new CodedError('MAPPING_STOPPED', `The mapping of ${topic} to ${functionName} was stopped.`),
      );
    },
    idle: () => progress.reached({ reader, topic, partitions, lag, clock }),
    status: () => ({ ...counters }),
    lag,
  };
}

/** All members of the mapping, or none: where one cannot join, the others leave again. */
async function joinGroup(
  log: Log,
  group: { readonly groupId: string; readonly topic: string },
  count: number,
): Promise<readonly LogConsumer[]> {
  const joining = Array.from({ length: count }, () => log.consumer(group));
  try {
    return await Promise.all(joining);
  } catch (error) {
    for (const joined of await Promise.allSettled(joining)) {
      if (joined.status === 'fulfilled') await joined.value.close();
    }
    throw error;
  }
}

function refuseFaults({ settings, topic, functionName, onFailureTopic }: EventSourceMappingOptions): void {
  const faults = [...mappingFaults(settings)];
  if (onFailureTopic === topic) faults.push('The on-failure topic must differ from the source topic.');
  if (faults.length === 0) return;
  throw new CodedError(
    'MAPPING_SETTINGS',
    `The mapping of ${topic} to ${functionName} cannot be: ${faults.join(' ')}`,
    {
      data: { faults, topic, functionName },
    },
  );
}
