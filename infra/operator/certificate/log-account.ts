import { readRawRecord } from '../../../shared/binance/read-raw-record.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import { IdAccount, type TimeRange } from '../../../shared/certificate/id-account.ts';
import { Percentiles } from '../../../shared/certificate/percentiles.ts';
import type { Kline } from '../../../shared/events/kline.ts';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import type { LogReader } from '../../../shared/log/log.ts';
import type { TopicNames } from '../../../shared/log/topics.ts';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import { recordsOf } from '../topic-records.ts';

/** What a log is read for. */
export interface LogAccountOptions {
  readonly reader: LogReader;
  readonly topics: TopicNames;
  readonly watermarkDelayMs: number;
  /** Only trades and klines of this time. */
  readonly range?: TimeRange;
}

/** What the raw trades of a log say. */
export interface LogAccount {
  readonly accounts: ReadonlyMap<MarketSymbol, IdAccount>;
  /** Trade times of the ids beside holes that no tick explains. */
  readonly edges: ReadonlyMap<MarketSymbol, ReadonlyMap<number, Micros>>;
  /** The newest kline of each minute, by its opening time. */
  readonly klines: ReadonlyMap<MarketSymbol, ReadonlyMap<Micros, Kline>>;
  readonly exchangeToIngest: Percentiles;
  readonly ingestToLog: Percentiles;
  readonly logToValidated: Percentiles;
}

/** When records of a partition were appended, by their distance from the first: that offset may be far from 0. */
interface AppendTimes {
  readonly first: number;
  readonly ms: number[];
}

/** Reads the raw trades whole, and the validated topics for when each record was appended. */
export async function readLogAccount(options: LogAccountOptions): Promise<LogAccount> {
  const { reader, topics, range } = options;
  const accounts = new Map<MarketSymbol, IdAccount>();
  const klines = new Map<MarketSymbol, Map<Micros, Kline>>();
  const exchangeToIngest = new Percentiles();
  const ingestToLog = new Percentiles();
  const appendedMs = new Map<number, AppendTimes>();
  const isWithin = (us: Micros): boolean => range === undefined || (us >= range.fromUs && us < range.toUs);

  for await (const { event, timestampMs } of eventsOf(reader, topics.rawTrades)) {
    const { partition, offset } = event.raw;
    let times = appendedMs.get(partition);
    if (times === undefined) {
      times = { first: offset, ms: [] };
      appendedMs.set(partition, times);
    }
    times.ms[offset - times.first] = timestampMs;
    const account = accounts.get(event.symbol) ?? new IdAccount(options.watermarkDelayMs * 1_000, range);
    accounts.set(event.symbol, account);
    account.note(event);
    if (event.kind === 'kline' && isWithin(event.openTimeUs)) {
      const minutes = klines.get(event.symbol) ?? new Map<Micros, Kline>();
      klines.set(event.symbol, minutes.set(event.openTimeUs, event));
    }
    if (event.kind === 'trade' && isWithin(event.tradeTimeUs)) {
      if (event.eventTimeUs !== null) exchangeToIngest.add((event.receivedUs - event.eventTimeUs) / 1_000);
      // A replay's receive times are those of the recording, not of this machine.
      if (event.source === 'live') ingestToLog.add(timestampMs - event.receivedUs / 1_000);
    }
  }
  return {
    accounts,
    edges: await readEdges(options, accounts),
    klines,
    exchangeToIngest,
    ingestToLog,
    logToValidated: await readValidated(options, appendedMs),
  };
}

async function* eventsOf(
  reader: LogReader,
  topic: string,
): AsyncGenerator<{ readonly event: MarketEvent; readonly timestampMs: number }> {
  for await (const record of recordsOf(reader, topic)) {
    if (record.value === null) continue;
    const { partition, offset, timestampMs } = record;
    const outcome = readRawRecord(
      {
        value: record.value,
        key: record.key?.toString() ?? null,
        header: record.header,
        raw: { partition, offset },
        timestampMs,
      },
      DEFAULT_VALIDATION_RULES,
    );
    if (outcome.kind === 'event') yield { event: outcome.event, timestampMs };
  }
}

/** A second pass, only where something is missing that no tick explains. */
async function readEdges(
  options: LogAccountOptions,
  accounts: ReadonlyMap<MarketSymbol, IdAccount>,
): Promise<ReadonlyMap<MarketSymbol, ReadonlyMap<number, Micros>>> {
  const wanted = new Map<MarketSymbol, Set<number>>();
  for (const [symbol, account] of accounts) {
    const ids = account.unexplained().flatMap(({ from, to }) => [from - 1, to + 1]);
    if (ids.length > 0) wanted.set(symbol, new Set(ids));
  }
  const edges = new Map<MarketSymbol, Map<number, Micros>>();
  if (wanted.size === 0) return edges;
  for await (const { event } of eventsOf(options.reader, options.topics.rawTrades)) {
    if (event.kind !== 'trade' || !wanted.get(event.symbol)?.has(event.tradeId)) continue;
    const known = edges.get(event.symbol) ?? new Map<number, Micros>();
    edges.set(event.symbol, known.set(event.tradeId, event.tradeTimeUs));
  }
  return edges;
}

const RAW_POSITION = /"raw_partition":(\d+),"raw_offset":(\d+)\}$/;

async function readValidated(
  { reader, topics }: LogAccountOptions,
  appendedMs: ReadonlyMap<number, AppendTimes>,
): Promise<Percentiles> {
  const times = new Percentiles();
  for await (const record of recordsOf(reader, topics.trades)) {
    const found = RAW_POSITION.exec(record.value?.toString('latin1', record.value.length - 80) ?? '');
    const raw = found && appendedMs.get(Number(found[1]));
    const rawMs = raw?.ms[Number(found?.[2]) - raw.first];
    if (typeof rawMs === 'number') times.add(record.timestampMs - rawMs);
  }
  return times;
}
