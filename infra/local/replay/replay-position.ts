import type { AppendedBefore } from '../../../functions/ingest/appended-before.ts';
import { parseRawHeader, RAW_HEADER } from '../../../shared/events/raw-header.ts';
import type { Feed } from '../../../shared/events/tick.ts';
import { encodeRawTick } from '../../../shared/events/tick-json.ts';
import { IdRanges } from '../../../shared/id-ranges.ts';
import type { LogReader, LogRecord } from '../../../shared/log/log.ts';
import type { TopicNames } from '../../../shared/log/topics.ts';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';

/** What one run of a recording through ingest (the first, or one of `--again`) has left in the raw log. */
interface Pass {
  readonly frames: IdRanges;
  readonly ticks: Set<string>;
  readonly backfilled: Map<MarketSymbol, IdRanges>;
  /** Lanes (feed and symbol) whose watch session was opened, and closed. */
  readonly began: Set<string>;
  readonly ended: Set<string>;
}

/** Where a replay goes on, as the raw log itself tells. */
export interface ReplayPosition {
  /** Counts the runs of the recording from 0. */
  readonly pass: number;
  /** The number of the first frame of this run. */
  readonly firstFrame: number;
  /** Frames in the log, of all runs. */
  readonly frames: number;
  /** Whether this run is whole in the log, its watch sessions closed. */
  readonly isFinished: boolean;
  readonly appended: AppendedBefore;
}

/** The name that begins the connections of a run. */
export function runName(pass: number): string {
  return `p${pass}.`;
}

/** Reads both raw topics whole and says where the replay stands. */
export async function readPosition(reader: LogReader, topics: TopicNames): Promise<ReplayPosition> {
  const passes = new Map<number, Pass>();
  for (const [feed, topic] of [
    ['trades', topics.rawTrades],
    ['quotes', topics.rawQuotes],
  ] as const)
    for await (const record of recordsOf(reader, topic)) note(passes, feed, record);

  const last = Math.max(0, ...passes.keys());
  let firstFrame = 0;
  let frames = 0;
  for (const [number, pass] of passes) {
    frames += pass.frames.count;
    if (number < last) firstFrame = Math.max(firstFrame, (pass.frames.highest ?? -1) + 1);
  }
  const pass = passes.get(last) ?? newPass();
  return {
    pass: last,
    firstFrame,
    frames,
    isFinished: pass.began.size > 0 && [...pass.began].every((lane) => pass.ended.has(lane)),
    appended: {
      frame: (frame) => pass.frames.has(frame),
      tick: (tick) => pass.ticks.has(tickKey(tick, tick.receivedUs, encodeRawTick(tick))),
      backfill: (symbol, id) => pass.backfilled.get(symbol)?.has(id) ?? false,
    },
  };
}

/** The position of another run of the recording, after a finished one. */
export function nextPass(position: ReplayPosition): ReplayPosition {
  const none = (): boolean => false;
  return {
    pass: position.pass + 1,
    firstFrame: position.frames,
    frames: position.frames,
    isFinished: false,
    appended: { frame: none, tick: none, backfill: none },
  };
}

async function* recordsOf(reader: LogReader, topic: string): AsyncGenerator<LogRecord> {
  const partitions = await reader.partitions(topic);
  for (let partition = 0; partition < partitions; partition += 1) {
    const { first, next } = await reader.bounds(topic, partition);
    for (let offset = first; offset < next; ) {
      const records = await reader.read({ topic, partition, offset }, 5_000);
      yield* records;
      offset = (records.at(-1)?.offset ?? next) + 1;
    }
  }
}

const RUN = /^p(\d{1,6})\.(.*)$/;

function note(passes: Map<number, Pass>, feed: Feed, record: LogRecord): void {
  const header = record.headers.find(({ key }) => key === RAW_HEADER);
  const known = header && parseRawHeader(header.value.toString('latin1'));
  const run = known && RUN.exec(known.connection);
  if (known === undefined || !run || record.value === null) return;
  const number = Number(run[1]);
  let pass = passes.get(number);
  if (pass === undefined) {
    pass = newPass();
    passes.set(number, pass);
  }
  if (run[2] === 'tick') noteTick(pass, feed, record, known.receivedUs);
  else if (known.source === 'backfill') noteBackfill(pass, record);
  else pass.frames.add(known.frame);
}

function noteTick(pass: Pass, feed: Feed, record: LogRecord, receivedUs: Micros): void {
  const text = record.value?.toString('utf8') ?? '';
  const symbol = record.key?.toString('utf8') ?? '';
  pass.ticks.add(tickKey({ feed, symbol }, receivedUs, text));
  const tick = JSON.parse(text) as { readonly began_ms?: number | null; readonly ended_ms?: number | null };
  if (typeof tick.began_ms === 'number') pass.began.add(`${feed} ${symbol}`);
  if (typeof tick.ended_ms === 'number') pass.ended.add(`${feed} ${symbol}`);
}

function noteBackfill(pass: Pass, record: LogRecord): void {
  const symbol = record.key?.toString('utf8') ?? '';
  const value = JSON.parse(record.value?.toString('utf8') ?? '{}') as {
    readonly id?: number;
    readonly f?: number;
    readonly l?: number;
  };
  const from = value.id ?? value.f;
  if (from === undefined) return;
  const ids = pass.backfilled.get(symbol) ?? new IdRanges();
  pass.backfilled.set(symbol, ids);
  ids.addRange(from, value.id ?? value.l ?? from);
}

function tickKey(
  tick: { readonly feed: Feed; readonly symbol: MarketSymbol },
  receivedUs: Micros,
  text: string,
): string {
  return `${tick.feed} ${tick.symbol} ${receivedUs} ${text}`;
}

function newPass(): Pass {
  return {
    frames: new IdRanges(),
    ticks: new Set(),
    backfilled: new Map(),
    began: new Set(),
    ended: new Set(),
  };
}
