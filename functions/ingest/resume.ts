import { readRawRecord } from '../../shared/binance/read-raw-record.ts';
import type { ValidationRules } from '../../shared/binance/validation-rules.ts';
import { parseRawHeader, RAW_HEADER } from '../../shared/events/raw-header.ts';
import { IdRanges } from '../../shared/id-ranges.ts';
import { type LedgerEntry, ledgerOf, parseLedgerEntry } from '../../shared/ledger/ledger-entry.ts';
import type { SymbolLedger } from '../../shared/ledger/symbol-ledger.ts';
import { uniteEntries } from '../../shared/ledger/unite-entries.ts';
import type { LogReader, LogRecord } from '../../shared/log/log.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';

/** What a start finds of a symbol. */
export interface ResumedSymbol {
  readonly ledger: SymbolLedger;
  /** When the log last heard of it: its checkpoint or its last record. */
  readonly heardUs: Micros;
  /** False where the watch was planned, and ended before the log was told of it. */
  readonly begun: boolean;
  /** Where the watch was to begin, or began; null where that is long past. */
  readonly beganUs: Micros | null;
  /** The first trade since then was never learned; null where it was. */
  readonly reachUs: Micros | null;
}

/** What a start reads before the sockets open. */
export interface ResumeOptions {
  readonly reader: LogReader;
  readonly ledgerTopic: string;
  readonly rawTradesTopic: string;
  readonly symbols: readonly MarketSymbol[];
  readonly rules: ValidationRules;
}

/**
 * Reads the ledger topic whole and then the raw trades behind its offsets, and returns what is known of each
 * symbol; none for a symbol that the log has never heard of. Several tasks' entries are put together.
 */
export async function readLedgers(options: ResumeOptions): Promise<ReadonlyMap<MarketSymbol, ResumedSymbol>> {
  const entries = new Map<string, LedgerEntry>();
  for await (const record of tail(options.reader, options.ledgerTopic, () => 0)) {
    const key = record.key?.toString('utf8') ?? '';
    const entry = record.value === null ? undefined : parseLedgerEntry(record.value.toString('utf8'));
    if (entry === undefined) entries.delete(key);
    else if (options.symbols.includes(entry.symbol)) entries.set(key, entry);
  }
  const found = new Map<MarketSymbol, Found>();
  const offsets = new Map<number, number>();
  const bySymbol = Map.groupBy(newestFirst(entries.values()), ({ symbol }) => symbol);
  for (const [symbol, ofTasks] of bySymbol) {
    const entry = uniteEntries(ofTasks);
    if (entry === undefined) continue;
    const { begun, beganUs, reachUs, rawPartition, rawOffset, writtenUs } = entry;
    found.set(symbol, { ledger: ledgerOf(entry), heardUs: writtenUs, begun, beganUs, reachUs });
    offsets.set(rawPartition, Math.min(offsets.get(rawPartition) ?? rawOffset, rawOffset));
  }
  if (found.size === 0) return found;
  const isCovered = (partition: number): number => offsets.get(partition) ?? Number.POSITIVE_INFINITY;
  for await (const record of tail(options.reader, options.rawTradesTopic, isCovered)) {
    const symbol = record.key?.toString('utf8') ?? '';
    const known = found.get(symbol);
    if (known !== undefined) note(known, symbol, record, options.rules);
  }
  return found;
}

interface Found {
  readonly ledger: SymbolLedger;
  heardUs: Micros;
  begun: boolean;
  readonly beganUs: Micros | null;
  reachUs: Micros | null;
}

function newestFirst(entries: Iterable<LedgerEntry>): readonly LedgerEntry[] {
  return [...entries].sort((a, b) => b.writtenUs - a.writtenUs);
}

function note(known: Found, symbol: MarketSymbol, record: LogRecord, rules: ValidationRules): void {
  if (record.value === null) return;
  const text = record.headers.find(({ key }) => key === RAW_HEADER)?.value.toString('latin1');
  const header = text === undefined ? undefined : parseRawHeader(text);
  const { partition, offset, timestampMs } = record;
  const outcome = readRawRecord(
    { value: record.value, key: symbol, header, raw: { partition, offset }, timestampMs },
    rules,
  );
  if (outcome.kind !== 'event') return;
  const { event } = outcome;
  known.heardUs = Math.max(known.heardUs, event.receivedUs);
  if (event.kind === 'tick' && event.beganUs !== null) {
    known.begun = true;
    if (known.ledger.ids.count === 0) known.reachUs ??= event.beganUs;
  }
  const source = event.source === 'backfill' ? 'backfill' : 'live';
  if (event.kind === 'trade')
    known.ledger.see(event.tradeId, event.tradeTimeUs, event.receivedUs, source, 'outage');
  else if (event.kind === 'tick' && event.gap !== null) known.ledger.told.note(event.gap);
  else if (event.kind === 'aggTrade' && source === 'backfill')
    for (let id = event.firstTradeId; id <= event.lastTradeId; id += 1)
      known.ledger.see(id, event.tradeTimeUs, event.receivedUs, source, 'outage');
}

/** The records of a topic from an offset per partition to the end as it is now. */
async function* tail(
  reader: LogReader,
  topic: string,
  from: (partition: number) => number,
): AsyncGenerator<LogRecord> {
  const partitions = await reader.partitions(topic);
  for (let partition = 0; partition < partitions; partition += 1) {
    const { first, next } = await reader.bounds(topic, partition);
    for (let offset = Math.max(first, from(partition)); offset < next; ) {
      const records = await reader.read({ topic, partition, offset }, 5_000);
      yield* records;
      offset = (records.at(-1)?.offset ?? next) + 1;
    }
  }
}

/** A ledger that expects `nextId` next: what was before it is not watched. `timeUs` is where the watch begins. */
export function ledgerFrom(symbol: MarketSymbol, nextId: number, timeUs: Micros): SymbolLedger {
  const ids = new IdRanges();
  ids.add(nextId - 1);
  return ledgerOf({
    symbol,
    task: '',
    ids,
    highestTimeUs: timeUs,
    gaps: [],
    told: [],
    rawPartition: 0,
    rawOffset: 0,
    writtenUs: timeUs,
    begun: false,
    beganUs: timeUs,
    reachUs: null,
  });
}
