import type { RawOutcome } from '../../shared/binance/raw-record.ts';
import { readRawRecord } from '../../shared/binance/read-raw-record.ts';
import type { ValidationRules } from '../../shared/binance/validation-rules.ts';
import { attemptOf } from '../../shared/events/attempts-header.ts';
import { encodeDeadLetter } from '../../shared/events/dead-letter-json.ts';
import { encodeEvent } from '../../shared/events/event-json.ts';
import type { MarketEvent } from '../../shared/events/market-event.ts';
import { parseRawHeader, type RawHeader } from '../../shared/events/raw-header.ts';
import { type ReasonCode, type Refused, refuse } from '../../shared/events/reasons.ts';
import type { OutgoingRecord, RecordPosition } from '../../shared/log/log.ts';
import type { TopicNames } from '../../shared/log/topics.ts';
import { EvenSample } from '../../shared/metrics/even-sample.ts';
import type { Millis } from '../../shared/units.ts';

/** A record of a raw topic, decoded. */
export interface RawTopicRecord extends RecordPosition {
  readonly timestampMs: Millis;
  readonly key: string | null;
  /** Null for a tombstone. */
  readonly value: Uint8Array | null;
  /** The text of the header `m`. */
  readonly header: string | undefined;
  /** The text of the header `attempts`, which a redriven record has. */
  readonly attempts: string | undefined;
}

/** What validation goes by: the rules, and where its outcomes go. */
export interface ValidateOptions {
  readonly rules: ValidationRules;
  readonly topics: Pick<TopicNames, 'trades' | 'quotes' | 'deadLetters'>;
}

/** What one batch came to. */
export interface ValidateCounts {
  readonly events: { [kind in MarketEvent['kind']]: number };
  ignored: number;
  readonly refused: { [reason in ReasonCode]?: number };
  /** Fields that no rule knows: schema drift. */
  unknownFields: number;
}

/** The effect of a batch: the records to send, in the order of the input. */
export interface ValidatedBatch {
  readonly records: readonly OutgoingRecord[];
  readonly counts: ValidateCounts;
  /** An even sample of the live trades' time from the exchange to the receipt. */
  readonly feedLatenciesMs: readonly number[];
}

/**
 * Validates raw records: each becomes an event keyed by its symbol, nothing (an open kline), or a dead letter
 * with its original bytes. It never throws for what a record holds.
 */
export function validateRecords(
  records: Iterable<RawTopicRecord>,
  options: ValidateOptions,
  refusedMs: Millis,
): ValidatedBatch {
  const outgoing: OutgoingRecord[] = [];
  const feedLatenciesMs = new EvenSample();
  const counts: ValidateCounts = {
    events: { trade: 0, aggTrade: 0, kline: 0, quote: 0, tick: 0 },
    ignored: 0,
    refused: {},
    unknownFields: 0,
  };
  for (const record of records) {
    const header = record.header === undefined ? undefined : parseRawHeader(record.header);
    const outcome = outcomeOf(record, header, options.rules);
    switch (outcome.kind) {
      case 'event': {
        const { event } = outcome;
        counts.events[event.kind] += 1;
        counts.unknownFields += outcome.unknownFields;
        if (event.kind === 'trade' && event.source === 'live' && event.eventTimeUs !== null) {
          feedLatenciesMs.add((event.receivedUs - event.eventTimeUs) / 1000);
        }
        outgoing.push({
          topic: topicOf(event, options),
          key: event.symbol,
          value: Buffer.from(encodeEvent(event)),
        });
        break;
      }
      case 'ignored':
        counts.ignored += 1;
        break;
      case 'refused':
        counts.refused[outcome.reason] = (counts.refused[outcome.reason] ?? 0) + 1;
        outgoing.push(deadLetter(record, header, outcome, options, refusedMs));
    }
  }
  return { records: outgoing, counts, feedLatenciesMs: feedLatenciesMs.values };
}

function outcomeOf(
  record: RawTopicRecord,
  header: RawHeader | undefined,
  rules: ValidationRules,
): RawOutcome {
  const { value, key, timestampMs, partition, offset } = record;
  if (value === null) return refuse('TOMBSTONE', '');
  return readRawRecord({ value, key, header, raw: { partition, offset }, timestampMs }, rules);
}

/** Quotes and their ticks travel apart from everything else. */
function topicOf(event: MarketEvent, { topics }: ValidateOptions): string {
  const isQuotes = event.kind === 'quote' || (event.kind === 'tick' && event.feed === 'quotes');
  return isQuotes ? topics.quotes : topics.trades;
}

function deadLetter(
  record: RawTopicRecord,
  header: RawHeader | undefined,
  refused: Refused,
  options: ValidateOptions,
  refusedMs: Millis,
): OutgoingRecord {
  const letter = encodeDeadLetter({
    reason: refused.reason,
    error: refused.error,
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    key: record.key,
    receivedMs: header === undefined ? record.timestampMs : header.receivedUs / 1000,
    refusedMs,
    attempts: attemptOf(record.attempts),
    payload: record.value ?? new Uint8Array(0),
  });
  return { topic: options.topics.deadLetters, key: record.key, value: letter };
}
