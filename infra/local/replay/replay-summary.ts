import { readRawRecord } from '../../../shared/binance/read-raw-record.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import type { GapChange } from '../../../shared/events/tick.ts';
import type { LogReader } from '../../../shared/log/log.ts';
import type { TopicNames } from '../../../shared/log/topics.ts';
import { TABLE_SPECS, type TableName } from '../../../shared/tables.ts';
import { recordsOf } from '../../operator/topic-records.ts';
import { DistinctCount } from './distinct-count.ts';

/** The last line of a replay: totals of the folder, taken from log and store. */
export interface ReplaySummary {
  /** Lines handed to ingest, of every pass. */
  readonly frames: number;
  readonly skipped: number;
  readonly not_frames: number;
  /** Distinct ones. */
  readonly trades: number;
  readonly quotes: number;
  /** Valid trades and quotes in the raw log that repeat one before them. */
  readonly duplicates: number;
  /** Gaps told, filled ones included. */
  readonly gaps: number;
  /** Ids of gaps that were not filled. */
  readonly missing_ids: number;
  readonly dead_letters: Readonly<Record<string, number>>;
  readonly rows: Readonly<Record<TableName, number>>;
  readonly elapsed_ms: number;
}

/** Runs Timestream SQL and returns the rows' values. */
export type RunSql = (sql: string) => Promise<readonly (readonly unknown[])[]>;

/** What the raw log tells. */
export interface RawTotals {
  readonly trades: number;
  readonly quotes: number;
  readonly duplicates: number;
  readonly gaps: number;
  readonly missingIds: number;
}

interface ToldGap {
  readonly symbol: string;
  readonly from: number;
  readonly to: number;
  readonly isPart: boolean;
  isFilled: boolean;
}

/** Reads both raw topics whole and counts by the rules of validation. */
export async function rawTotals(reader: LogReader, topics: TopicNames): Promise<RawTotals> {
  const counts = new DistinctCount();
  const gaps = new Map<string, ToldGap>();
  for (const topic of [topics.rawTrades, topics.rawQuotes]) {
    for await (const record of recordsOf(reader, topic)) {
      if (record.value === null) continue;
      const outcome = readRawRecord(
        {
          value: record.value,
          key: record.key?.toString() ?? null,
          header: record.header,
          raw: { partition: record.partition, offset: record.offset },
          timestampMs: record.timestampMs,
        },
        DEFAULT_VALIDATION_RULES,
      );
      if (outcome.kind !== 'event') continue;
      const { event } = outcome;
      if (event.kind === 'trade' || event.kind === 'quote') counts.note(event);
      if (event.kind === 'tick' && event.gap !== null) noteGap(gaps, event.symbol, event.gap);
    }
  }
  const missing = [...gaps.values()].filter((gap) => !gap.isFilled);
  return {
    trades: counts.trades,
    quotes: counts.quotes,
    duplicates: counts.duplicates,
    gaps: [...gaps.values()].filter((gap) => !gap.isPart).length,
    missingIds: missing.reduce((sum, gap) => sum + gap.to - gap.from + 1, 0),
  };
}

/** Rows per table, and dead letters by reason, as the store holds them. */
export async function storeTotals(
  run: RunSql,
  database: string,
): Promise<Pick<ReplaySummary, 'rows' | 'dead_letters'>> {
  const rows: Partial<Record<TableName, number>> = {};
  for (const { name } of TABLE_SPECS) {
    const [[count] = []] = await run(`SELECT count(*) FROM "${database}"."${name}"`);
    rows[name] = Number(count);
  }
  const letters =
    rows.dead_letters === 0
      ? []
      : await run(
          `SELECT reason, count(*) FROM "${database}"."dead_letters" GROUP BY reason ORDER BY reason`,
        );
  return {
    rows: { candles: 0, spreads: 0, signals: 0, trades: 0, quotes: 0, dead_letters: 0, ...rows },
    dead_letters: Object.fromEntries(letters.map(([reason, count]) => [String(reason), Number(count)])),
  };
}

function noteGap(gaps: Map<string, ToldGap>, symbol: string, change: GapChange): void {
  const key = `${symbol}:${change.from}-${change.to}`;
  const known = gaps.get(key);
  if (known !== undefined) {
    if (change.state === 'filled') known.isFilled = true;
    return;
  }
  // What is left of a gap that was told before is no gap of its own.
  const isPart = [...gaps.values()].some(
    (gap) => gap.symbol === symbol && gap.from <= change.from && change.to <= gap.to,
  );
  const { from, to } = change;
  gaps.set(key, { symbol, from, to, isPart, isFilled: change.state === 'filled' });
}
