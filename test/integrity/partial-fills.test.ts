import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { startIngest } from '../../functions/ingest/ingest.ts';
import { liveConfig } from '../../functions/ingest/ingest-config.ts';
import { MemoryStreamSource } from '../../functions/ingest/memory-stream-source.ts';
import type { TradeRepair } from '../../functions/ingest/trade-repair.ts';
import { readRawRecord } from '../../shared/binance/read-raw-record.ts';
import { DEFAULT_VALIDATION_RULES } from '../../shared/binance/validation-rules.ts';
import type { MarketEvent } from '../../shared/events/market-event.ts';
import type { Log } from '../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES } from '../../shared/log/topics.ts';
import { VirtualClock } from '../../shared/virtual-clock.ts';
import { DEFAULT_RESOLUTIONS, PANE_US } from '../../shared/window/resolution.ts';
import {
  makeAggregate,
  makeSurroundings,
  plainRows,
  toEvent,
  toRecords,
} from '../functions/aggregate/aggregate-fixtures.ts';
import { emptyLog, readAll } from '../infra/local/replay/raw-log.ts';

const START_US = Date.UTC(2026, 10, 20, 12, 0) * 1_000;
const EVERY_US = 4_000_000;
const LAST = 60;
const TURN = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const timeOf = (id: number): number => START_US + id * EVERY_US;

/** Trades that never came over the socket, those that REST still has, its page size and what it refuses. */
const scenario = fc.record({
  dropped: fc.uniqueArray(
    fc.record({ from: fc.integer({ min: 2, max: LAST - 2 }), size: fc.integer({ min: 1, max: 12 }) }),
    { maxLength: 4 },
  ),
  gone: fc.uniqueArray(fc.integer({ min: 2, max: LAST }), { maxLength: 12 }),
  page: fc.integer({ min: 1, max: 6 }),
  later: fc.nat(12),
});

test('a window is marked as a gap if and only if an id is missing inside it or at its edge, whatever part of a hole came', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ dropped, gone, page, later }) => {
      const missed = new Set<number>();
      for (const { from, size } of dropped)
        for (let id = from; id < Math.min(LAST, from + size); id += 1) missed.add(id);
      const lost = new Set(gone.filter((id) => missed.has(id)));
      const log = await runIngest(missed, restOf(lost, page, later));
      const surroundings = makeSurroundings();
      await makeAggregate(surroundings).process(toEvent(toRecords(await events(log))));
      const rows = plainRows(surroundings.rows.table('candles'));
      assert.equal(rows.length, windowsWith((id) => !lost.has(id)).size);
      const marked = marksOf(lost);
      for (const row of rows) {
        const name = `${row.resolution}@${Number(row.time) / 1_000}`;
        assert.equal(row.coverage === 'gap', marked.has(name), `${name} ${row.coverage}`);
        assert.equal(row.final, 'true');
      }
    }),
    { numRuns: 200, endOnFailure: true },
  );
});

/** The windows that a trade of each of these ids falls into. */
function windowsWith(isHad: (id: number) => boolean): Set<string> {
  const found = new Set<string>();
  for (let id = 1; id <= LAST; id += 1) if (isHad(id)) for (const name of windowsOf(id)) found.add(name);
  return found;
}

function windowsOf(id: number): string[] {
  const pane = Math.floor(timeOf(id) / PANE_US);
  return DEFAULT_RESOLUTIONS.flatMap(({ name, sizePanes, stepPanes }) => {
    const starts: string[] = [];
    const last = Math.floor(pane / stepPanes) * stepPanes;
    for (let start = last; start > pane - sizePanes; start -= stepPanes)
      starts.push(`${name}@${start * PANE_US}`);
    return starts;
  });
}

/** By the contract: a hole marks every window from that of the trade before it to that of the trade after it. */
function marksOf(lost: ReadonlySet<number>): Set<string> {
  const marked = new Set<string>();
  for (const id of lost) {
    let before = id - 1;
    while (lost.has(before)) before -= 1;
    let after = id + 1;
    while (lost.has(after)) after += 1;
    for (let within = before; within <= after; within += 1)
      for (const name of windowsOf(within)) marked.add(name);
  }
  return marked;
}

function restOf(lost: ReadonlySet<number>, page: number, later: number): TradeRepair {
  let calls = 0;
  return {
    mode: 'by id',
    fetch: async (gap, from) => {
      calls += 1;
      if (later > 0 && calls % (later + 1) === 0) return { kind: 'later', afterMs: 3_000, why: 'HTTP 429' };
      const to = Math.min(gap.to, from + page - 1);
      const records = [];
      for (let id = from; id <= to; id += 1) {
        if (lost.has(id)) continue;
        const bytes = Buffer.from(
          `{"id":${id},"price":"100.5","qty":"0.5","quoteQty":"50.25","time":${timeOf(id) / 1_000},"isBuyerMaker":true,"isBestMatch":true}`,
        );
        records.push({ from: id, to: id, tradeTimeUs: timeOf(id), bytes });
      }
      return { kind: 'records', records, reachedId: to };
    },
  };
}

async function runIngest(missed: ReadonlySet<number>, repair: TradeRepair): Promise<Log> {
  const log = await emptyLog();
  const clock = new VirtualClock(START_US);
  const source = new MemoryStreamSource();
  const ingest = await startIngest(
    liveConfig({
      symbols: ['BTCUSDT'],
      streams: ['trade'],
      streamUrl: 'ws://memory',
      microseconds: false,
      topics: DEFAULT_TOPIC_NAMES,
      reconnectDelayMs: 1_000,
      maxReconnectDelayMs: 60_000,
      gapWaitMs: 10_000,
    }),
    { clock, random: () => 0.5, source, producer: await log.producer(), repair },
  );
  await TURN();
  const pass = async (untilUs: number): Promise<void> => {
    do {
      clock.runNext(untilUs);
      for (let turns = 0; turns < 3; turns += 1) await TURN();
    } while ((clock.nextDueUs ?? untilUs + 1) <= untilUs);
    clock.advanceTo(untilUs);
  };
  for (let id = 1; id <= LAST; id += 1) {
    await pass(timeOf(id) + 1_000);
    if (missed.has(id)) continue;
    const at = timeOf(id) / 1_000;
    const frame = `{"stream":"btcusdt@trade","data":{"e":"trade","E":${at},"s":"BTCUSDT","t":${id},"p":"100.5","q":"0.5","T":${at},"m":true,"M":true}}`;
    for (const connection of source.connections)
      if (connection.state === 'open') connection.deliver(Buffer.from(frame), clock.nowUs());
  }
  await pass(timeOf(LAST) + 120_000_000);
  await ingest.endFeed();
  return log;
}

async function events(log: Log): Promise<readonly MarketEvent[]> {
  const records = await readAll(log, DEFAULT_TOPIC_NAMES.rawTrades);
  return records.flatMap((record) => {
    const outcome = readRawRecord(
      {
        value: Buffer.from(record.text),
        key: record.key,
        header: record.header,
        raw: { partition: 0, offset: 0 },
        timestampMs: 0,
      },
      DEFAULT_VALIDATION_RULES,
    );
    return outcome.kind === 'event' ? [outcome.event] : [];
  });
}
