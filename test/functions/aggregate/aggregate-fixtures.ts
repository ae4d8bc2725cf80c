import { Aggregate, type AggregateDeps } from '../../../functions/aggregate/aggregate.ts';
import { encodeEvent } from '../../../shared/events/event-json.ts';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import type { MSKEvent, MSKRecord } from '../../../shared/log/kafka-event.ts';
import type { LogProducer, OutgoingRecord } from '../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { MemoryRowStore } from '../../../shared/memory-row-store.ts';
import type { Row } from '../../../shared/row.ts';
import { type Thresholds, thresholdsFor } from '../../../shared/signals/thresholds.ts';
import { MemoryStateStore } from '../../../shared/state/memory-state-store.ts';
import { DEFAULT_RESOLUTIONS } from '../../../shared/window/resolution.ts';

/** The wall clock of the tests: 2026-11-21. */
export const NOW_MS = Date.UTC(2026, 10, 21);

/** A producer that keeps what it is given. */
export class MemoryProducer implements LogProducer {
  readonly sent: OutgoingRecord[] = [];

  async send(records: readonly OutgoingRecord[]) {
    this.sent.push(...records);
    return [];
  }

  async close() {}
}

/** An aggregate with its surroundings in memory. */
export function makeSurroundings() {
  return { store: new MemoryStateStore(), rows: new MemoryRowStore(), producer: new MemoryProducer() };
}

/** Thresholds so low that every rule fires in a market of a hundred trades. */
export function lowThresholds(symbol: string): Thresholds {
  return {
    ...thresholdsFor(symbol),
    volatilityStddev: 100,
    volatilityBps: 15,
    volumeSpike: 6,
    volumeBaselineDeviations: 1,
    volumeBaselineRatio: 1.5,
    volumeBaselineHalfLifePanes: 5,
    volumeBaselineMinPanes: 3,
    priceSpikeDeviations: 1,
    priceSpikeMinBps: 5,
    priceSpikeMinTrades: 3,
    imbalance: 0.6,
    imbalanceMinTrades: 3,
    spreadRatio: 1.5,
    spreadBps: 0.02,
  };
}

export function makeAggregate(
  deps: Omit<AggregateDeps, 'nowMs'> & Partial<Pick<AggregateDeps, 'nowMs'>>,
  keep = true,
  thresholds = lowThresholds,
): Aggregate {
  const names = DEFAULT_TOPIC_NAMES;
  return new Aggregate(
    { nowMs: () => NOW_MS, ...deps },
    {
      trades: {
        rules: {
          resolutions: DEFAULT_RESOLUTIONS,
          delayUs: 10_000_000,
          retentionUs: 7 * 86_400_000_000,
        },
        thresholds,
        keepTrades: keep,
        rawTopic: names.rawTrades,
      },
      quotes: { delayUs: 10_000_000, thresholds, keepQuotes: keep, rawTopic: names.rawQuotes },
      quotesTopic: names.quotes,
      deadLetterTopic: names.deadLetters,
      auditTopic: names.audits,
      alertsTopic: names.alerts,
    },
  );
}

/** The records of a partition as the log would hold them, in the order of the events. */
export function toRecords(events: readonly MarketEvent[]): MSKRecord[] {
  return events.map((event, offset) => {
    const isQuotes = event.kind === 'quote' || (event.kind === 'tick' && event.feed === 'quotes');
    return {
      topic: isQuotes ? DEFAULT_TOPIC_NAMES.quotes : DEFAULT_TOPIC_NAMES.trades,
      partition: 0,
      offset,
      timestamp: NOW_MS,
      timestampType: 'CREATE_TIME',
      key: Buffer.from(event.symbol).toString('base64'),
      value: Buffer.from(encodeEvent(event)).toString('base64'),
      headers: [],
    };
  });
}

/** One invocation with these records. */
export function toEvent(records: readonly MSKRecord[]): MSKEvent {
  const byPartition: Record<string, MSKRecord[]> = {};
  for (const record of records) {
    const name = `${record.topic}-${record.partition}`;
    byPartition[name] ??= [];
    byPartition[name].push(record);
  }
  return { eventSource: 'aws:kafka', eventSourceArn: 'arn', bootstrapServers: 'b', records: byPartition };
}

/** Rows as plain objects, for comparing whole tables. */
export function plainRows(rows: readonly Row[]): readonly Record<string, unknown>[] {
  return rows.map((row) => ({
    ...Object.fromEntries(row.dimensions),
    time: row.timeNs,
    version: row.version,
    ...Object.fromEntries(row.columns.map(({ name, value }) => [name, value])),
  }));
}
