import {
  type EventSourceMapping,
  type EventSourceMappingOptions,
  startEventSourceMapping,
} from '../../../../infra/local/event-source-mapping/event-source-mapping.ts';
import { openMemoryLog } from '../../../../infra/local/log/memory-log.ts';
import type { MSKEvent } from '../../../../shared/log/kafka-event.ts';
import type { Log, LogRecord, OutgoingRecord } from '../../../../shared/log/log.ts';
import type { MappingSettings } from '../../../../shared/mapping-settings.ts';
import { VirtualClock } from '../log/virtual-clock.ts';

/** Settings that a test changes one by one. */
export const SETTINGS: MappingSettings = {
  mode: 'provisioned',
  batchSize: 100,
  batchingWindowMs: 0,
  maximumPollers: 1,
  functionTimeoutMs: 60_000,
  retryAttempts: -1,
  maxRecordAgeMs: -1,
  bisectOnFunctionError: false,
  reportBatchItemFailures: false,
};

/** A log in memory on a virtual clock with the topics `source` (3 partitions) and `failed` (1). */
export class MappingBench {
  readonly clock = new VirtualClock();
  readonly log: Log = openMemoryLog({ clock: this.clock });
  readonly running: EventSourceMapping[] = [];

  static async open(): Promise<MappingBench> {
    const bench = new MappingBench();
    const topic = (name: string, partitions: number) => ({
      name,
      partitions,
      retentionMs: -1,
      compacted: false,
    });
    await bench.log.ensureTopics([topic('source', 3), topic('failed', 1)]);
    return bench;
  }

  /** Sends texts to one partition of `source`. */
  async send(values: readonly string[], partition = 0): Promise<void> {
    await this.sendRecords(values.map((value) => ({ topic: 'source', key: 'k', value, partition })));
  }

  async sendRecords(records: readonly OutgoingRecord[]): Promise<void> {
    const producer = await this.log.producer();
    await producer.send(records);
  }

  async start(
    handler: EventSourceMappingOptions['handler'],
    settings: Partial<MappingSettings> = {},
    options: Partial<EventSourceMappingOptions> = {},
  ): Promise<EventSourceMapping> {
    const mapping = await startEventSourceMapping({
      log: this.log,
      topic: 'source',
      groupId: 'group',
      functionName: 'tested',
      handler,
      settings: { ...SETTINGS, ...settings },
      clock: this.clock,
      ...options,
    });
    this.running.push(mapping);
    return mapping;
  }

  /** Waits, on the virtual clock, until the mapping has processed all. */
  idle(mapping: EventSourceMapping): Promise<void> {
    return this.clock.until(mapping.idle());
  }

  async records(topic: string): Promise<readonly LogRecord[]> {
    const reader = await this.log.reader();
    return reader.read({ topic, partition: 0, offset: 0 }, 10_000);
  }

  /** The next offset that the group wants of each partition of `source`. */
  async committed(): Promise<readonly number[]> {
    const reader = await this.log.reader();
    const probe = await this.log.consumer({ groupId: 'group', topic: 'source' });
    const next: number[] = [];
    for (const { partition, records } of await probe.lag()) {
      next[partition] = (await reader.bounds('source', partition)).next - records;
    }
    await probe.close();
    return next;
  }
}

/** The values of an event as texts, partition by partition. */
export function texts(event: MSKEvent): string[] {
  return Object.values(event.records).flatMap((records) =>
    records.map(({ value }) => (value === null ? 'null' : Buffer.from(value, 'base64').toString())),
  );
}

/** `from`, …, `to - 1` as texts. */
export function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => String(from + i));
}

/** Stops what runs and gives the group's committed offsets. */
export async function stopped(bench: MappingBench): Promise<readonly number[]> {
  for (const mapping of bench.running) await bench.clock.until(mapping.stop());
  return bench.committed();
}

/** The headers of a record by name, as text. */
export function headersOf(
  headers: readonly { readonly key: string; readonly value: Buffer }[] | undefined,
): Record<string, string> {
  return Object.fromEntries((headers ?? []).map(({ key, value }) => [key, String(value)]));
}
