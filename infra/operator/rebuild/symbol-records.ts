import type { FeedRecord } from '../../../functions/aggregate/feed.ts';
import type { LogReader } from '../../../shared/log/log.ts';
import { offsetAfter } from '../../../shared/log/offset-after.ts';
import { Partitioner } from '../../../shared/log/partitioner.ts';
import type { MarketSymbol } from '../../../shared/units.ts';

const PAGE = 5_000;

/** The records of one symbol in a topic, in log order from an offset on, as far as they reached at the start. */
export async function* symbolRecords(
  reader: LogReader,
  topic: string,
  symbol: MarketSymbol,
  fromOffset = 0,
): AsyncGenerator<FeedRecord> {
  const partition = new Partitioner().partition(symbol, await reader.partitions(topic));
  const { first, next } = await reader.bounds(topic, partition);
  for (let offset = Math.max(first, fromOffset); offset < next; ) {
    const records = await reader.read({ topic, partition, offset }, PAGE);
    for (const record of records) {
      if (record.key?.toString() !== symbol || record.offset >= next) continue;
      yield {
        value: record.value === null ? null : record.value.toString('base64'),
        topic,
        partition,
        offset: record.offset,
        timestamp: record.timestampMs,
      };
    }
    offset = offsetAfter(records, { topic, partition, offset }, next);
  }
}
