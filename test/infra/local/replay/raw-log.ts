import { openMemoryLog } from '../../../../infra/local/log/memory-log.ts';
import { parseRawHeader, type RawHeader } from '../../../../shared/events/raw-header.ts';
import type { Log } from '../../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES, topicSpecs } from '../../../../shared/log/topics.ts';
import { VirtualClock } from '../../../../shared/virtual-clock.ts';

/** A raw record with its header read. */
export interface ReadRecord {
  readonly key: string | null;
  readonly text: string;
  readonly header: RawHeader;
}

export async function emptyLog(): Promise<Log> {
  const log = openMemoryLog({ clock: new VirtualClock(0) });
  await log.ensureTopics(topicSpecs(DEFAULT_TOPIC_NAMES));
  return log;
}

/** All records of a topic, partition by partition, each in order. */
export async function readAll(log: Log, topic: string): Promise<readonly ReadRecord[]> {
  const reader = await log.reader();
  const all: ReadRecord[] = [];
  for (let partition = 0; partition < (await reader.partitions(topic)); partition += 1) {
    const records = await reader.read({ topic, partition, offset: 0 }, 1_000_000);
    for (const record of records) {
      const header = parseRawHeader(record.headers[0]?.value.toString() ?? '');
      if (header === undefined) throw new Error('a raw record has no header');
      all.push({
        key: record.key?.toString() ?? null,
        text: record.value?.toString() ?? '',
        header,
      });
    }
  }
  return all;
}
