import { DEFAULT_TOPIC_NAMES, type TopicNames, topicSpecs } from '../../shared/log/topics.ts';
import type { StreamType } from '../../shared/stream-type.ts';
import { BUSY_SYMBOLS, LOG_BYTES, messagesASecond } from './cost/traffic.ts';
import type { Size } from './sizes.ts';

const GIB = 1_073_741_824;

/** Of the disks as far as they may grow. The rest is for segments that are still written, and for Kafka's own topics. */
const KEPT = 0.8;

/** Of what is kept: topics that are nearly empty, and must hold a burst. */
const SMALL: Readonly<Partial<Record<keyof TopicNames, number>>> = {
  deadLetters: 0.04,
  audits: 0.01,
  alerts: 0.03,
};

type Capped = Exclude<keyof TopicNames, 'ledger'>;

/**
 * `retention.bytes` of each topic by its name: what one partition may hold, so that all together cannot fill the
 * brokers' disks. The raw and the validated topics share by the bytes that `traffic.ts` expects of the streams; by
 * time records go after 7 days all the same. The ledger is compacted and has no bound; Express brokers have no disks.
 */
export function topicRetentionBytes(
  { broker, replication }: Size,
  streams: readonly StreamType[],
): ReadonlyMap<string, number> {
  if (broker.storageGib === null) return new Map();
  const total = (broker.storageGib.most * GIB * KEPT * broker.count) / replication;
  const shares = sharesOf(streams);
  return new Map(
    topicSpecs(DEFAULT_TOPIC_NAMES).flatMap(({ name, partitions }) => {
      const topic = (Object.keys(shares) as Capped[]).find((each) => DEFAULT_TOPIC_NAMES[each] === name);
      return topic === undefined ? [] : [[name, Math.floor((total * shares[topic]) / partitions)] as const];
    }),
  );
}

/** Parts of one. */
function sharesOf(streams: readonly StreamType[]): Readonly<Record<Capped, number>> {
  const { all, quotes } = messagesASecond(BUSY_SYMBOLS, streams);
  const { deadLetters = 0, audits = 0, alerts = 0 } = SMALL;
  const large = 1 - deadLetters - audits - alerts;
  const bytes = all * (LOG_BYTES.raw + LOG_BYTES.validated);
  // A feed that is not watched has ticks at most.
  const part = (messages: number, each: number): number => large * Math.max(0.02, (messages * each) / bytes);
  const parts = {
    rawTrades: part(all - quotes, LOG_BYTES.raw),
    rawQuotes: part(quotes, LOG_BYTES.raw),
    trades: part(all - quotes, LOG_BYTES.validated),
    quotes: part(quotes, LOG_BYTES.validated),
  };
  const sum = Object.values(parts).reduce((each, other) => each + other, 0) / large;
  const exact = (value: number): number => value / sum;
  return {
    rawTrades: exact(parts.rawTrades),
    rawQuotes: exact(parts.rawQuotes),
    trades: exact(parts.trades),
    quotes: exact(parts.quotes),
    deadLetters,
    audits,
    alerts,
  };
}
