import type { FeedRecord } from '../../../functions/aggregate/feed.ts';
import { validateRecords } from '../../../functions/validate/validate-records.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import { RAW_HEADER } from '../../../shared/events/raw-header.ts';
import type { LogProducer, LogReader, OutgoingRecord } from '../../../shared/log/log.ts';
import type { TopicNames } from '../../../shared/log/topics.ts';
import type { MarketSymbol } from '../../../shared/units.ts';
import { type ReplayedRecording, replay } from '../replay/replay.ts';
import { systemClock } from '../system-clock.ts';
import { RecordChannel } from './record-channel.ts';

/**
 * The validated records of one symbol that a replay of a recording makes: the whole recording runs through ingest on
 * the virtual clock, so that ticks, gaps and session bounds come out as they do there, and through validate. Only the
 * symbol's records are passed on, and the replay waits while they are not taken. Their offsets count from 0 and stand
 * for no place in any log.
 */
export async function* fileRecords(
  recording: ReplayedRecording,
  topics: TopicNames,
  symbol: MarketSymbol,
): AsyncGenerator<FeedRecord> {
  const channel = new RecordChannel();
  const abort = new AbortController();
  const replayed = replay({
    recording,
    producer: validating(topics, symbol, (value) => channel.put(value)),
    reader: EMPTY_LOG,
    topics,
    speed: 'max',
    wall: systemClock,
    gate: () => channel.room(),
    signal: abort.signal,
  }).then(
    () => channel.end(),
    (error: unknown) => channel.fail(error),
  );
  let offset = 0;
  try {
    for await (const value of channel.values()) {
      yield { value, topic: topics.trades, partition: 0, offset: offset++, timestamp: 0 };
    }
  } finally {
    abort.abort();
    channel.close();
    await replayed;
  }
}

/** A producer that validates what ingest sends and gives the symbol's trade events on, in base64. */
function validating(topics: TopicNames, symbol: MarketSymbol, put: (value: string) => void): LogProducer {
  const rules = { rules: DEFAULT_VALIDATION_RULES, topics };
  let offset = 0;
  return {
    send: async (records) => {
      const raw = records.filter((record) => record.topic === topics.rawTrades && isKeyed(record, symbol));
      const { records: valid } = validateRecords(
        raw.map((record) => ({
          topic: record.topic,
          partition: 0,
          offset: offset++,
          timestampMs: 0,
          key: symbol,
          value: record.value === null ? null : Buffer.from(record.value),
          header: headerOf(record),
          attempts: undefined,
        })),
        rules,
        0,
      );
      for (const { topic, value } of valid) {
        if (topic === topics.trades && value !== null) put(Buffer.from(value).toString('base64'));
      }
      return [];
    },
    close: async () => {},
  };
}

function isKeyed({ key }: OutgoingRecord, symbol: MarketSymbol): boolean {
  return key !== null && Buffer.from(key).toString() === symbol;
}

function headerOf({ headers }: OutgoingRecord): string | undefined {
  const value = headers?.find(([name]) => name === RAW_HEADER)?.[1];
  return value === undefined ? undefined : Buffer.from(value).toString('latin1');
}

/** A replay that goes on from nothing. */
const EMPTY_LOG: LogReader = {
  partitions: async () => 1,
  bounds: async () => ({ first: 0, next: 0 }),
  read: async () => [],
};
