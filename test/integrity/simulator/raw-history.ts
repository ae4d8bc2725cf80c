import { readRawRecord } from '../../../shared/binance/read-raw-record.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import { parseEvent } from '../../../shared/events/parse-event.ts';
import { parseRawHeader, RAW_HEADER } from '../../../shared/events/raw-header.ts';
import type { GapChange } from '../../../shared/events/tick.ts';
import type { Trade } from '../../../shared/events/trade.ts';
import type { Log, LogRecord } from '../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';

/** What the raw log tells of a symbol, each trade id once: the first copy. */
export interface RawHistory {
  readonly trades: Map<number, Trade>;
  /** Ids that came as aggregates alone. */
  readonly aggregated: Set<number>;
  /** Ids of aggregates that could not be folded, since some of their trades were there already. */
  readonly overlapped: Set<number>;
  /** The states that were told of each gap. */
  readonly gaps: Map<string, { readonly change: GapChange; readonly states: Set<GapChange['state']> }>;
  readonly began: Micros[];
  readonly ended: Micros[];
}

/** The raw topics as validation reads them. */
export interface RawLog {
  readonly bySymbol: ReadonlyMap<MarketSymbol, RawHistory>;
  /** Records that validation refuses, as `topic/partition/offset reason`. */
  readonly refused: readonly string[];
}

/** All records of a topic, partition by partition. */
export async function recordsOf(log: Log, topic: string): Promise<readonly LogRecord[]> {
  const reader = await log.reader();
  const all: LogRecord[] = [];
  for (let partition = 0; partition < (await reader.partitions(topic)); partition += 1) {
    for (let offset = 0; ; ) {
      const records = await reader.read({ topic, partition, offset }, 10_000);
      const last = records.at(-1);
      if (last === undefined) break;
      all.push(...records);
      offset = last.offset + 1;
    }
  }
  return all;
}

/** The events of a validated topic, partition by partition. */
export async function validatedEvents(log: Log, topic: string): Promise<readonly MarketEvent[]> {
  const events: MarketEvent[] = [];
  for (const { value } of await recordsOf(log, topic)) {
    const event = parseEvent(value ?? Buffer.alloc(0));
    if (event.kind !== 'refused') events.push(event);
  }
  return events;
}

/** Reads both raw topics by the rules of validation, independently of what the functions made of them. */
export async function readRawLog(log: Log): Promise<RawLog> {
  const bySymbol = new Map<MarketSymbol, RawHistory>();
  const refused: string[] = [];
  for (const topic of [DEFAULT_TOPIC_NAMES.rawTrades, DEFAULT_TOPIC_NAMES.rawQuotes]) {
    for (const record of await recordsOf(log, topic)) {
      const header = record.headers.find(({ key }) => key === RAW_HEADER)?.value.toString();
      const outcome = readRawRecord(
        {
          value: record.value ?? Buffer.alloc(0),
          key: record.key?.toString() ?? null,
          header: parseRawHeader(header ?? ''),
          raw: { partition: record.partition, offset: record.offset },
          timestampMs: record.timestampMs,
        },
        DEFAULT_VALIDATION_RULES,
      );
      if (outcome.kind === 'refused') {
        refused.push(`${topic}/${record.partition}/${record.offset} ${outcome.reason}`);
      }
      if (outcome.kind !== 'event') continue;
      const { event } = outcome;
      const history = bySymbol.get(event.symbol) ?? newHistory();
      bySymbol.set(event.symbol, history);
      if (event.kind === 'trade') {
        if (!history.trades.has(event.tradeId) && !history.aggregated.has(event.tradeId))
          history.trades.set(event.tradeId, event);
      } else if (event.kind === 'aggTrade' && event.source === 'backfill') {
        const ids = Array.from(
          { length: event.lastTradeId - event.firstTradeId + 1 },
          (_, at) => event.firstTradeId + at,
        );
        if (ids.every((id) => !history.trades.has(id) && !history.aggregated.has(id)))
          for (const id of ids) history.aggregated.add(id);
        else for (const id of ids) history.overlapped.add(id);
      } else if (event.kind === 'tick' && event.feed === 'trades') {
        if (event.beganUs !== null) history.began.push(event.beganUs);
        if (event.endedUs !== null) history.ended.push(event.endedUs);
        if (event.gap !== null) {
          const key = `${event.gap.from}-${event.gap.to}`;
          const known = history.gaps.get(key) ?? { change: event.gap, states: new Set() };
          known.states.add(event.gap.state);
          history.gaps.set(key, known);
        }
      }
    }
  }
  return { bySymbol, refused };
}

function newHistory(): RawHistory {
  return {
    trades: new Map(),
    aggregated: new Set(),
    overlapped: new Set(),
    gaps: new Map(),
    began: [],
    ended: [],
  };
}
