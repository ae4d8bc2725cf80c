import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IngestReport } from '../../../functions/ingest/ingest-report.ts';
import { type LiveIngest, startLiveIngest } from '../../../functions/ingest/live-ingest.ts';
import { MemoryStreamSource } from '../../../functions/ingest/memory-stream-source.ts';
import type { Log } from '../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { readSettings } from '../../../shared/settings/read-settings.ts';
import type { Settings } from '../../../shared/settings/settings.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';
import { emptyLog, readAll } from '../../infra/local/replay/raw-log.ts';
import { type FakeRest, type FakeTrade, fakeRest } from './fake-rest.ts';

/** 2024-08-09T00:10:00Z: the open 15 minutes began 600 s before. */
const NOW_MS = Date.UTC(2024, 7, 9, 0, 10);
/** One trade a second since an hour before; the id is the second. */
const TRADES: readonly FakeTrade[] = Array.from({ length: 7_200 }, (_, at) => ({
  id: 1_000 + at,
  timeMs: NOW_MS - 3_600_000 + at * 1_000,
}));
const idAt = (timeMs: number): number => 1_000 + Math.floor((timeMs - NOW_MS + 3_600_000) / 1_000);

function settingsWith(environment: Record<string, string>): Settings {
  const read = readSettings({ SYMBOLS: 'BTCUSDT', STREAMS: 'trade', HEALTH_PORT: '0', ...environment });
  if (read.kind === 'faults') throw new Error(read.faults.map((fault) => fault.message).join());
  return read.settings;
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A process of ingest on a clock and a log that outlive it. */
async function begin(options: {
  log: Log;
  clock: VirtualClock;
  environment?: Record<string, string>;
  together?: number;
  micros?: boolean;
  /** The exchange's time. @default that of the clock */
  exchangeMs?: () => number;
  /** What the exchange has. @default TRADES */
  trades?: readonly FakeTrade[];
  prepare?: (rest: FakeRest) => void;
  emitMetrics?: (line: string) => void;
}): Promise<{
  live: LiveIngest;
  source: MemoryStreamSource;
  rest: FakeRest;
  reports: IngestReport[];
  pass: (ms: number) => Promise<void>;
  trade: (id: number) => void;
}> {
  const { log, clock } = options;
  const source = new MemoryStreamSource();
  const rest = fakeRest({
    trades: () => options.trades ?? TRADES,
    nowMs: options.exchangeMs ?? (() => clock.nowUs() / 1_000),
    symbols: ['BTCUSDT', 'ETHUSDT'],
    ...(options.together !== undefined && { together: options.together }),
    ...(options.micros !== undefined && { micros: options.micros }),
  });
  options.prepare?.(rest);
  const reports: IngestReport[] = [];
  const live = await startLiveIngest(settingsWith(options.environment ?? {}), {
    log,
    clock,
    random: () => 0,
    source,
    fetch: rest.fetch,
    report: (report) => reports.push(report),
    healthHost: '127.0.0.1',
    ...(options.emitMetrics !== undefined && { emitMetrics: options.emitMetrics }),
  });
  await turns();
  const pass = async (ms: number): Promise<void> => {
    const end = clock.nowUs() + ms * 1_000;
    while (clock.runNext(end)) await turns();
    clock.advanceTo(end);
  };
  const trade = (id: number): void => {
    const at = TRADES.find((candidate) => candidate.id === id)?.timeMs ?? 0;
    const text = `{"stream":"btcusdt@trade","data":{"e":"trade","E":${at},"s":"BTCUSDT","t":${id},"p":"100.5","q":"0.5","T":${at},"m":true,"M":true}}`;
    for (const connection of source.connections) connection.deliver(Buffer.from(text), clock.nowUs());
  };
  return { live, source, rest, reports, pass, trade };
}

async function idsInLog(log: Log): Promise<readonly number[]> {
  const records = await readAll(log, DEFAULT_TOPIC_NAMES.rawTrades);
  return records.flatMap((record) => {
    const value = JSON.parse(record.text);
    if (value.data?.e === 'trade') return [value.data.t as number];
    if (typeof value.id === 'number') return [value.id as number];
    if (typeof value.f === 'number')
      return Array.from({ length: value.l - value.f + 1 }, (_, at) => value.f + at);
    return [];
  });
}

const upTo = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);
const clockAt = (ms: number): VirtualClock => new VirtualClock(ms * 1_000);

describe('startLiveIngest', () => {
  it('on the very first start, fills back to the start of the open 15 minutes, in id order', async () => {
    const log = await emptyLog();
    const { live, trade, pass } = await begin({ log, clock: clockAt(NOW_MS) });
    const now = idAt(NOW_MS);
    trade(now);
    await pass(1_500);
    trade(now + 1);
    await live.stop();
    assert.deepEqual(await idsInLog(log), upTo(idAt(NOW_MS - 600_000), now + 1));
    const [first] = await readAll(log, DEFAULT_TOPIC_NAMES.rawTrades);
    assert.equal(JSON.parse(first?.text ?? '{}').began_ms, NOW_MS - 600_000);
  });

  it('tells metrics by the symbols of the settings, on which the alarms stand, known to the exchange or not', async () => {
    const lines: string[] = [];
    const unknown = upTo(1, 20).map((at) => `NONE${at}USDT`);
    const { live, pass, trade } = await begin({
      log: await emptyLog(),
      clock: clockAt(NOW_MS),
      environment: { SYMBOLS: [...unknown, 'BTCUSDT'].join(',') },
      emitMetrics: (line) => lines.push(line),
    });
    trade(idAt(NOW_MS));
    await pass(10_000);
    await live.stop();
    const ages = lines.map((line) => JSON.parse(line)).filter((line) => 'FreshnessMs' in line);
    assert.deepEqual([...new Set(ages.map(({ Symbol: symbol }) => symbol))], ['other']);
    for (const line of ages) assert.equal(line._aws.Timestamp % 10_000, 9_999);
  });

  it('started again, fills what passed while it was down, and opens no second session', async () => {
    const log = await emptyLog();
    const clock = clockAt(NOW_MS);
    const first = await begin({ log, clock });
    const now = idAt(NOW_MS);
    first.trade(now);
    await first.pass(1_500);
    await first.live.stop();
    clock.advance(600_000);
    const second = await begin({ log, clock });
    const later = idAt(clock.nowUs() / 1_000);
    second.trade(later);
    await second.pass(1_500);
    await second.live.stop();
    assert.deepEqual(await idsInLog(log), upTo(idAt(NOW_MS - 600_000), later));
    const began = (await readAll(log, DEFAULT_TOPIC_NAMES.rawTrades)).filter((record) =>
      /"began_ms":\d/.test(record.text),
    );
    assert.equal(began.length, 1);
  });

  it('killed without a word, takes up what the raw log holds behind the last checkpoint', async () => {
    const log = await emptyLog();
    const clock = clockAt(NOW_MS);
    const first = await begin({ log, clock });
    const now = idAt(NOW_MS);
    first.trade(now);
    await first.pass(6_000);
    first.trade(now + 1);
    first.trade(now + 2);
    await first.pass(100);
    // No stop: the process is gone, its sockets with it.
    for (const connection of [...first.source.connections]) connection.end();
    const restClock = clockAt(clock.nowUs() / 1_000 + 20_000);
    const second = await begin({ log, clock: restClock });
    const kept = second.live.ingest.intake.tradeLanes.get('BTCUSDT')?.ledger;
    assert.equal(kept?.contiguousId, now + 2);
    second.trade(now + 20);
    await second.pass(1_500);
    await second.live.stop();
    assert.deepEqual([...new Set(await idsInLog(log))], upTo(idAt(NOW_MS - 600_000), now + 20));
    await first.live.stop();
  });

  it('killed before the log heard of its watch, hands the watch on to the next start', async () => {
    const log = await emptyLog();
    const begunMs = NOW_MS + 290_000;
    const first = await begin({
      log,
      clock: clockAt(begunMs),
      prepare: (rest) => rest.restricted.add('data-api.binance.vision'),
    });
    assert.ok(first.reports.some((report) => report.kind === 'start' && /first frame/.test(report.message)));
    // No stop, and nothing of it in the raw log. The next one is there when the next 15 minutes have begun.
    for (const connection of [...first.source.connections]) connection.end();
    const clock = clockAt(begunMs + 30_000);
    const second = await begin({ log, clock });
    const now = idAt(clock.nowUs() / 1_000);
    second.trade(now);
    await second.pass(1_500);
    await second.live.stop();
    assert.deepEqual(await idsInLog(log), upTo(idAt(begunMs - 5_000), now));
    await first.live.stop();
  });

  it('after a stop longer than the bound, begins a new session and says so', async () => {
    const log = await emptyLog();
    const clock = clockAt(NOW_MS);
    const first = await begin({ log, clock });
    first.trade(idAt(NOW_MS));
    await first.pass(1_500);
    await first.live.stop();
    clock.advance(1_200_000);
    const second = await begin({ log, clock, environment: { RESUME_BOUND_S: '600' } });
    assert.ok(
      second.reports.some((report) => report.kind === 'start' && /RESUME_BOUND_S/.test(report.message)),
    );
    second.trade(idAt(clock.nowUs() / 1_000));
    await second.pass(1_500);
    await second.live.stop();
    const began = (await readAll(log, DEFAULT_TOPIC_NAMES.rawTrades)).filter((record) =>
      /"began_ms":\d/.test(record.text),
    );
    assert.equal(began.length, 2);
  });

  it('where historicalTrades is refused, repairs by whole aggregates and tells the mode', async () => {
    const log = await emptyLog();
    const { live, trade, pass, reports } = await begin({
      log,
      clock: clockAt(NOW_MS),
      together: 5,
      prepare: (rest) => rest.restricted.add('api.binance.com'),
    });
    const now = idAt(NOW_MS);
    trade(now);
    await pass(1_500);
    await live.stop();
    assert.deepEqual(
      [...new Set(await idsInLog(log))].sort((a, b) => a - b),
      upTo(idAt(NOW_MS - 600_000), now),
    );
    assert.match(live.repairMode(), /aggregates from https:\/\/data-api\.binance\.vision/);
    assert.ok(reports.some((report) => report.kind === 'repair-fallback' && /451/.test(report.message)));
  });

  it('judges the bound of a resume by the exchange’s time, not by a clock that is wrong', async () => {
    const log = await emptyLog();
    const first = await begin({ log, clock: clockAt(NOW_MS), environment: { RESUME_BOUND_S: '600' } });
    first.trade(idAt(NOW_MS));
    await first.pass(1_500);
    await first.live.stop();
    const second = await begin({
      log,
      clock: clockAt(NOW_MS + 7_200_000),
      exchangeMs: () => NOW_MS + 60_000,
      environment: { RESUME_BOUND_S: '600' },
    });
    const start = second.reports.find((report) => report.kind === 'start');
    assert.match(start?.kind === 'start' ? start.message : '', /^goes on after/);
    await second.live.stop();
  });

  it('finds what a quiet symbol traded during an outage without waiting for its next trade', async () => {
    const log = await emptyLog();
    const { live, source, trade, pass } = await begin({ log, clock: clockAt(NOW_MS) });
    const now = idAt(NOW_MS);
    trade(now);
    await pass(1_500);
    for (const connection of [...source.connections]) connection.end();
    await pass(60_000);
    assert.equal(live.ingest.filler?.pendingGaps, 0);
    await live.stop();
    const ids = await idsInLog(log);
    assert.ok((ids.at(-1) ?? 0) > now, 'trades of the outage came over REST');
    assert.deepEqual(ids, upTo(idAt(NOW_MS - 600_000), ids.at(-1) ?? 0));
  });

  it('asks a quiet symbol a handful of times after an outage, and not for ever', async () => {
    const log = await emptyLog();
    const { live, source, rest, trade, pass } = await begin({
      log,
      clock: clockAt(NOW_MS),
      trades: TRADES.filter(({ timeMs }) => timeMs <= NOW_MS),
    });
    trade(idAt(NOW_MS));
    await pass(1_500);
    const before = rest.asked.length;
    for (const connection of [...source.connections]) connection.end();
    await pass(600_000);
    const asked = rest.asked.slice(before).filter(({ pathname }) => pathname !== '/api/v3/time');
    assert.ok(asked.length > 0 && asked.length <= 3, `asked ${asked.length} times`);
    assert.equal(live.ingest.filler?.pendingGaps, 0);
    await live.stop();
  });

  it('understands answers in microseconds', async () => {
    const log = await emptyLog();
    const { live, trade, pass } = await begin({ log, clock: clockAt(NOW_MS), micros: true });
    trade(idAt(NOW_MS));
    await pass(1_500);
    await live.stop();
    assert.deepEqual(await idsInLog(log), upTo(idAt(NOW_MS - 600_000), idAt(NOW_MS)));
  });

  it('answers an audit with the exchange’s own kline in the raw log', async () => {
    const log = await emptyLog();
    const { live, pass } = await begin({ log, clock: clockAt(NOW_MS) });
    const producer = await log.producer();
    const openMs = NOW_MS - 120_000;
    await producer.send([
      {
        topic: DEFAULT_TOPIC_NAMES.audits,
        key: 'BTCUSDT',
        value: JSON.stringify({ symbol: 'BTCUSDT', open_time_ms: openMs }),
      },
    ]);
    await pass(2_000);
    const deadline = Date.now() + 3_000;
    let klines: readonly { readonly key: string | null; readonly text: string }[] = [];
    while (klines.length === 0 && Date.now() < deadline) {
      await pass(1_000);
      klines = (await readAll(log, DEFAULT_TOPIC_NAMES.rawTrades)).filter((record) =>
        record.text.startsWith('['),
      );
    }
    assert.equal(klines[0]?.key, 'BTCUSDT');
    assert.equal(JSON.parse(klines[0]?.text ?? '[]')[0], openMs);
    await live.stop();
  });

  it('names a symbol that the exchange does not know, watches the others, and refuses to watch none', async () => {
    const log = await emptyLog();
    const { live, reports } = await begin({
      log,
      clock: clockAt(NOW_MS),
      environment: { SYMBOLS: 'BTCUSDT,BTCUSD,ETHUSDT' },
    });
    assert.deepEqual(
      reports.flatMap((report) => (report.kind === 'symbol' ? [report.symbol] : [])),
      ['BTCUSD'],
    );
    assert.deepEqual([...live.ingest.intake.tradeLanes.keys()], ['BTCUSDT', 'ETHUSDT']);
    await live.stop();
    await assert.rejects(
      begin({ log, clock: clockAt(NOW_MS), environment: { SYMBOLS: 'NOPE' } }),
      (error: { code?: string }) => error.code === 'NO_SYMBOL',
    );
  });

  it('answers /health and /ready, and names a port that is taken', async () => {
    const log = await emptyLog();
    const { live, trade } = await begin({ log, clock: clockAt(NOW_MS) });
    trade(idAt(NOW_MS));
    const at = `http://127.0.0.1:${live.health.port}`;
    const health = await fetch(`${at}/health`);
    assert.equal(health.status, 200);
    const status = (await health.json()) as { readonly ws_connected: boolean; readonly status: string };
    assert.equal(status.ws_connected, true);
    assert.equal((await fetch(`${at}/elsewhere`)).status, 404);
    await assert.rejects(
      begin({ log, clock: clockAt(NOW_MS), environment: { HEALTH_PORT: String(live.health.port) } }),
      (error: { code?: string; message?: string }) =>
        error.code === 'PORT_TAKEN' && /HEALTH_PORT/.test(error.message ?? ''),
    );
    await live.stop();
  });
});
