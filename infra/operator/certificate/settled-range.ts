import type { TimeRange } from '../../../shared/certificate/id-account.ts';
import { rangeOfDay } from '../../../shared/certificate/range-of-day.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { LogReader } from '../../../shared/log/log.ts';
import type { Micros, Millis } from '../../../shared/units.ts';

/** The longest window: at its bounds every other one begins and ends too. */
const QUARTER_US: Micros = 900_000_000;
/** So long after the end of a window its last trade is in the log, repaired where it had to be. */
const SETTLING_US: Micros = 600_000_000;
/** How far the clocks of exchange, ingest and brokers may lie apart. */
const SKEW_US: Micros = 60_000_000;
/** Trades before the first record of a whole log were fetched when the first watch began. */
const BACKFILL_US: Micros = 86_400_000_000;

/** What a range is taken from. */
export interface SettledRangeOptions {
  readonly reader: LogReader;
  readonly rawTradesTopic: string;
  readonly nowMs: Millis;
  /** A UTC day that the range is kept within. */
  readonly day?: string;
}

/**
 * The time that a log which grows at one end and is forgotten at the other holds whole: whole quarters of an hour,
 * from a minute after the oldest record of each partition to ten minutes ago. A trade of that time cannot have been
 * appended before that record. Fails with `CERTIFICATE_NOTHING_KEPT` where there is no such time.
 */
export async function settledRange(options: SettledRangeOptions): Promise<TimeRange> {
  const toUs = Math.floor((options.nowMs * 1_000 - SETTLING_US) / QUARTER_US) * QUARTER_US;
  const fromUs = Math.ceil((await keptFrom(options)) / QUARTER_US) * QUARTER_US;
  const wanted = options.day === undefined ? undefined : rangeOfDay(options.day);
  const range = {
    fromUs: Math.max(fromUs, wanted?.fromUs ?? fromUs),
    toUs: Math.min(toUs, wanted?.toUs ?? toUs),
  };
  if (range.fromUs < range.toUs) return range;
  const what =
    options.day === undefined
      ? 'The log holds no quarter of an hour whole yet'
      : `The log does not hold ${options.day}`;
  const kept =
    fromUs < toUs ? ` It holds ${iso(fromUs)} to ${iso(toUs)} whole.` : ' Try again in half an hour.';
  throw new CodedError('CERTIFICATE_NOTHING_KEPT', `${what}.${kept}`, { data: { fromUs, toUs } });
}

async function keptFrom({ reader, rawTradesTopic: topic, nowMs }: SettledRangeOptions): Promise<Micros> {
  const partitions = await reader.partitions(topic);
  let oldestUs: Micros = nowMs * 1_000;
  let cutUs: Micros | undefined;
  for (let partition = 0; partition < partitions; partition += 1) {
    const { first, next } = await reader.bounds(topic, partition);
    if (first === next) continue;
    const [record] = await reader.read({ topic, partition, offset: first }, 1);
    if (record === undefined) continue;
    const us = record.timestampMs * 1_000;
    oldestUs = Math.min(oldestUs, us);
    if (first > 0) cutUs = Math.max(cutUs ?? 0, us + SKEW_US);
  }
  return cutUs ?? oldestUs - BACKFILL_US;
}

function iso(us: Micros): string {
  return new Date(us / 1_000).toISOString();
}
