import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type IngestDeps, type IngestHandle, startIngest } from '../../../functions/ingest/ingest.ts';
import { liveConfig } from '../../../functions/ingest/ingest-config.ts';
import { type MemoryConnection, MemoryStreamSource } from '../../../functions/ingest/memory-stream-source.ts';
import type { RepairPage, TradeRepair } from '../../../functions/ingest/trade-repair.ts';
import { readRawRecord } from '../../../shared/binance/read-raw-record.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import type { GapChange } from '../../../shared/events/tick.ts';
import type { Gap } from '../../../shared/ledger/gap.ts';
import { SymbolLedger } from '../../../shared/ledger/symbol-ledger.ts';
import type { Log } from '../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';
import { emptyLog, readAll } from '../../infra/local/replay/raw-log.ts';
import { START_US } from '../../infra/local/replay/synthetic-recording.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const;
const TURN = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What the exchange did to one trade on its way, or what it did before it. */
type Fault = 'none' | 'drop' | 'double' | 'swap' | 'malform' | 'cut' | 'shutdown' | 'silence';
/** What REST does next. */
type RestFault = 'none' | 'later' | 'throw' | 'short';

interface Scenario {
  readonly faults: readonly Fault[];
  readonly rest: readonly RestFault[];
  readonly stepMs: number;
}

const scenarios = fc.record({
  faults: fc.array(
    fc.oneof(
      { weight: 12, arbitrary: fc.constant<Fault>('none') },
      {
        weight: 4,
        arbitrary: fc.constantFrom<Fault>('drop', 'double', 'swap', 'malform', 'cut', 'shutdown', 'silence'),
      },
    ),
    { minLength: 5, maxLength: 120 },
  ),
  rest: fc.array(fc.constantFrom<RestFault>('none', 'later', 'throw', 'short'), { maxLength: 8 }),
  stepMs: fc.constantFrom(3, 50, 400),
});

function restTrade(id: number): Buffer {
  return Buffer.from(
    `{"id":${id},"price":"100.5","qty":"0.5","quoteQty":"50.25","time":${START_US / 1_000 + id},"isBuyerMaker":true,"isBestMatch":true}`,
  );
}

/** REST as the exchange serves it, with faults taken in turn. */
function restWith(faults: readonly RestFault[], upTo: () => number): TradeRepair {
  const left = [...faults];
  return {
    mode: 'by id',
    fetch: async (gap: Gap, from: number): Promise<RepairPage> => {
      await TURN();
      const fault = left.shift() ?? 'none';
      if (fault === 'throw') throw new Error('socket hang up');
      if (fault === 'later') return { kind: 'later', afterMs: 700, why: 'HTTP 429' };
      const to = Math.min(gap.to, upTo(), from + (fault === 'short' ? 0 : 999));
      const records = Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => ({
        from: from + at,
        to: from + at,
        tradeTimeUs: START_US + (from + at) * 1_000,
        bytes: restTrade(from + at),
      }));
      return { kind: 'records', records };
    },
  };
}

function tradeFrame(symbol: string, id: number): Buffer {
  const at = START_US / 1_000 + id;
  return Buffer.from(
    `{"stream":"${symbol.toLowerCase()}@trade","data":{"e":"trade","E":${at},"s":"${symbol}","t":${id},"p":"100.5","q":"0.5","T":${at},"m":true,"M":true}}`,
  );
}

/** A live exchange in memory, its sockets and an ingest on a virtual clock. */
class Market {
  readonly clock = new VirtualClock(START_US);
  readonly source = new MemoryStreamSource();
  readonly log: Log;
  ingest: IngestHandle | undefined;

  constructor(log: Log) {
    this.log = log;
  }

  async start(deps: Partial<IngestDeps> = {}): Promise<IngestHandle> {
    this.ingest = await startIngest(
      liveConfig({
        symbols: SYMBOLS,
        streams: ['trade'],
        streamUrl: 'ws://memory',
        microseconds: false,
        topics: DEFAULT_TOPIC_NAMES,
        reconnectDelayMs: 1_000,
        maxReconnectDelayMs: 60_000,
        gapWaitMs: 10_000,
      }),
      {
        clock: this.clock,
        random: () => 0.5,
        source: this.source,
        producer: await this.log.producer(),
        ...deps,
      },
    );
    await TURN();
    return this.ingest;
  }

  open(): readonly MemoryConnection[] {
    return this.source.connections.filter((connection) => connection.state === 'open');
  }

  deliver(bytes: Buffer): void {
    for (const connection of this.open()) connection.deliver(bytes, this.clock.nowUs());
  }

  async pass(ms: number): Promise<void> {
    const end = this.clock.nowUs() + ms * 1_000;
    do {
      this.clock.runNext(end);
      for (let turns = 0; turns < 3; turns += 1) await TURN();
    } while ((this.clock.nextDueUs ?? end + 1) <= end);
    this.clock.advanceTo(end);
  }
}

async function events(log: Log): Promise<readonly MarketEvent[]> {
  const found: MarketEvent[] = [];
  for (const record of await readAll(log, DEFAULT_TOPIC_NAMES.rawTrades)) {
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
    if (outcome.kind === 'event') found.push(outcome.event);
  }
  return found;
}

/** Ids that the ticks told as missing and that stay so. */
function toldMissing(all: readonly MarketEvent[], symbol: string): Set<number> {
  const told = new Map<string, GapChange>();
  for (const event of all) {
    if (event.kind !== 'tick' || event.symbol !== symbol || event.gap === null) continue;
    const key = `${event.gap.from}-${event.gap.to}`;
    if (event.gap.state === 'filled') assert.ok(told.delete(key), `${key} is taken back and was not told`);
    else told.set(key, event.gap);
  }
  const missing = new Set<number>();
  for (const { from, to } of told.values()) for (let id = from; id <= to; id += 1) missing.add(id);
  return missing;
}

async function live(market: Market, scenario: Scenario): Promise<number> {
  let id = 0;
  let held: Buffer | undefined;
  for (const fault of scenario.faults) {
    id += 1;
    if (fault === 'cut') for (const connection of market.open()) connection.end();
    if (fault === 'shutdown')
      market.deliver(Buffer.from('{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}'));
    if (fault === 'silence') await market.pass(6_000);
    for (const symbol of SYMBOLS) {
      const bytes = tradeFrame(symbol, id);
      if (fault === 'drop') continue;
      if (fault === 'malform') {
        market.deliver(Buffer.from(bytes.toString().replace('"100.5"', '"-1"')));
        continue;
      }
      if (fault === 'swap' && symbol === 'BTCUSDT') {
        held = bytes;
        continue;
      }
      market.deliver(bytes);
      if (fault === 'double') market.deliver(bytes);
      if (held !== undefined && symbol === 'BTCUSDT') {
        market.deliver(held);
        held = undefined;
      }
    }
    await market.pass(scenario.stepMs);
  }
  // A trade after the last fault shows what was lost before it.
  await market.pass(3_000);
  id += 1;
  for (const symbol of SYMBOLS) market.deliver(tradeFrame(symbol, id));
  await market.pass(60_000);
  return id;
}

describe('ingest under faults', () => {
  it('has every id in the log, or tells it as missing, whatever the sockets and REST do', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const market = new Market(await emptyLog());
        let highest = Number.MAX_SAFE_INTEGER;
        const ingest = await market.start({ repair: restWith(scenario.rest, () => highest) });
        const last = await live(market, scenario);
        highest = last;
        await ingest.stop();
        const all = await events(market.log);
        for (const symbol of SYMBOLS) {
          const ids = all.flatMap((event) =>
            event.kind === 'trade' && event.symbol === symbol ? [event.tradeId] : [],
          );
          const seen = new Set(ids);
          const first = Math.min(...ids);
          const missing = toldMissing(all, symbol);
          for (let id = first; id <= last; id += 1)
            assert.ok(seen.has(id) || missing.has(id), `${symbol} ${id} is neither there nor told`);
          assert.deepEqual(
            [...missing].filter((id) => seen.has(id)),
            [],
            'told as missing, and there',
          );
          assert.equal(missing.size, 0, 'REST had them all');
        }
      }),
      { numRuns: 150, endOnFailure: true },
    );
  });

  it('delivers trades in id order while the bounds hold, the repaired ones marked', async () => {
    const market = new Market(await emptyLog());
    const ingest = await market.start({ repair: restWith([], () => 100) });
    for (const id of [1, 2, 6, 7, 12, 13]) {
      market.deliver(tradeFrame('BTCUSDT', id));
      await market.pass(10);
    }
    await market.pass(2_000);
    await ingest.stop();
    const all = await events(market.log);
    const trades = all.flatMap((event) => (event.kind === 'trade' ? [event] : []));
    assert.deepEqual(
      trades.map((trade) => trade.tradeId),
      Array.from({ length: 13 }, (_, at) => at + 1),
    );
    assert.deepEqual(
      trades.filter((trade) => trade.source === 'backfill').map((trade) => trade.tradeId),
      [3, 4, 5, 8, 9, 10, 11],
    );
    assert.deepEqual(
      all.flatMap((event) => (event.kind === 'tick' && event.gap ? [[event.gap.from, event.gap.state]] : [])),
      [
        [3, 'open'],
        [3, 'filled'],
        [8, 'open'],
        [8, 'filled'],
      ],
    );
  });

  it('lets trades go on past the bound, and fills the gap late', async () => {
    const market = new Market(await emptyLog());
    const ingest = await market.start({
      repair: restWith(
        Array.from({ length: 20 }, () => 'later' as const),
        () => 100,
      ),
    });
    market.deliver(tradeFrame('BTCUSDT', 1));
    market.deliver(tradeFrame('BTCUSDT', 4));
    await market.pass(9_000);
    assert.equal(ingest.intake.tradeLanes.get('BTCUSDT')?.waiting, 1);
    await market.pass(2_000);
    assert.equal(ingest.intake.tradeLanes.get('BTCUSDT')?.waiting, 0);
    await market.pass(20_000);
    await ingest.stop();
    const ids = (await events(market.log)).flatMap((event) =>
      event.kind === 'trade' ? [event.tradeId] : [],
    );
    assert.deepEqual(ids, [1, 4, 2, 3]);
  });

  it('tells what the exchange no longer gives, part by part', async () => {
    const market = new Market(await emptyLog());
    const ingest = await market.start({
      repair: {
        mode: 'by id',
        fetch: async (_gap, from) =>
          from <= 3
            ? { kind: 'records', records: [{ from: 3, to: 3, tradeTimeUs: START_US, bytes: restTrade(3) }] }
            : { kind: 'gone', why: 'too old' },
      },
    });
    market.deliver(tradeFrame('BTCUSDT', 1));
    market.deliver(tradeFrame('BTCUSDT', 6));
    await market.pass(2_000);
    await ingest.stop();
    const all = await events(market.log);
    assert.deepEqual(
      all.flatMap((event) =>
        event.kind === 'tick' && event.gap ? [[event.gap.from, event.gap.to, event.gap.state]] : [],
      ),
      [
        [2, 5, 'open'],
        [2, 2, 'open'],
        [4, 5, 'open'],
        [2, 5, 'filled'],
        [2, 2, 'unfillable'],
        [4, 5, 'unfillable'],
      ],
    );
    assert.deepEqual([...toldMissing(all, 'BTCUSDT')], [2, 4, 5]);
  });

  it('gives a gap up when REST has had nothing of it for 10 minutes, instead of asking for ever', async () => {
    const market = new Market(await emptyLog());
    let asked = 0;
    const ingest = await market.start({
      repair: {
        mode: 'by id',
        fetch: async () => {
          asked += 1;
          return { kind: 'records', records: [] };
        },
      },
    });
    market.deliver(tradeFrame('BTCUSDT', 1));
    market.deliver(tradeFrame('BTCUSDT', 6));
    await market.pass(11 * 60_000);
    assert.equal(ingest.filler?.pendingGaps, 0);
    await market.pass(60 * 60_000);
    await ingest.stop();
    assert.ok(asked > 5 && asked <= 15, `asked ${asked} times`);
    assert.deepEqual([...toldMissing(await events(market.log), 'BTCUSDT')], [2, 3, 4, 5]);
  });

  it('loses nothing when two instances write the same log and both are cut at other times', async () => {
    const log = await emptyLog();
    const markets = [new Market(log), new Market(log)];
    const handles = [];
    for (const market of markets) handles.push(await market.start({ repair: restWith([], () => 1_000) }));
    for (let id = 1; id <= 60; id += 1)
      for (const [at, market] of markets.entries()) {
        if (id === 20 + at * 15) for (const connection of market.open()) connection.end();
        market.deliver(tradeFrame('BTCUSDT', id));
        await market.pass(200);
      }
    for (const handle of handles) await handle.stop();
    const ids = (await events(log)).flatMap((event) => (event.kind === 'trade' ? [event.tradeId] : []));
    assert.deepEqual(
      [...new Set(ids)].sort((a, b) => a - b),
      Array.from({ length: 60 }, (_, at) => at + 1),
    );
  });

  it('holds the sockets back while the log is slow, and drops no trade', async () => {
    const log = await emptyLog();
    const inner = await log.producer();
    let isSlow = true;
    const waiting: (() => void)[] = [];
    const market = new Market(log);
    const ingest = await market.start({
      producer: {
        send: async (records) => {
          if (isSlow) await new Promise<void>((resolve) => waiting.push(resolve));
          return inner.send(records);
        },
        close: () => inner.close(),
      },
    });
    let id = 0;
    while (!(market.open()[0]?.paused ?? false)) {
      id += 1;
      market.deliver(tradeFrame('BTCUSDT', id));
    }
    assert.ok(id > 20_000 && id < 21_000, `paused after ${id}`);
    isSlow = false;
    for (const go of waiting.splice(0)) go();
    await market.pass(100);
    for (let turns = 0; turns < 200; turns += 1) await TURN();
    assert.equal(market.open()[0]?.paused, false);
    await ingest.stop();
    const ids = (await events(log)).flatMap((event) => (event.kind === 'trade' ? [event.tradeId] : []));
    assert.equal(new Set(ids).size, id);
  });

  it('on a silent socket that is alive, ticks with the exchange’s time over REST', async () => {
    const market = new Market(await emptyLog());
    let asked = 0;
    const ingest = await market.start({
      exchangeTimeUs: async () => {
        asked += 1;
        return market.clock.nowUs() + 77_000;
      },
    });
    market.deliver(tradeFrame('BTCUSDT', 1));
    await market.pass(29_000);
    assert.equal(asked, 0);
    await market.pass(20_000);
    await ingest.stop();
    assert.ok(asked >= 3 && asked <= 6, `asked ${asked} times`);
    const ticks = (await events(market.log)).flatMap((event) =>
      event.kind === 'tick' && event.symbol === 'BTCUSDT' ? [event.timeUs] : [],
    );
    const first = START_US + 1_000;
    assert.ok(
      ticks.slice(0, 6).every((timeUs) => timeUs === first),
      'until then the last time is repeated',
    );
    assert.ok((ticks.at(-1) ?? 0) > START_US + 40_000_000);
  });

  it('goes on in a new id space where the exchange counts anew', async () => {
    const market = new Market(await emptyLog());
    const ingest = await market.start();
    market.deliver(tradeFrame('BTCUSDT', 5_000_000));
    market.deliver(tradeFrame('BTCUSDT', 5_000_001));
    market.clock.advance(3 * 3_600_000 + 5_000_000);
    const at = market.clock.nowUs() / 1_000;
    for (const id of [10, 11])
      market.deliver(
        Buffer.from(
          `{"stream":"btcusdt@trade","data":{"e":"trade","E":${at},"s":"BTCUSDT","t":${id},"p":"1","q":"1","T":${at},"m":true,"M":true}}`,
        ),
      );
    assert.equal(ingest.intake.tradeLanes.get('BTCUSDT')?.ledger.contiguousId, 11);
    await market.pass(500);
    await ingest.stop();
  });

  it('where the exchange counts anew in the middle of a repair, asks for the old ids no more, and takes none', async () => {
    const market = new Market(await emptyLog());
    const answers: ((page: RepairPage) => void)[] = [];
    const ingest = await market.start({
      repair: { mode: 'by id', fetch: () => new Promise((resolve) => answers.push(resolve)) },
    });
    const [lost, after] = [5_001, 5_002];
    market.deliver(tradeFrame('BTCUSDT', lost - 1));
    market.deliver(tradeFrame('BTCUSDT', after));
    await market.pass(1_000);
    assert.equal(answers.length, 1);
    market.clock.advance(3 * 3_600_000 + 5_000_000);
    const at = market.clock.nowUs() / 1_000;
    const anew = tradeFrame('BTCUSDT', 10)
      .toString()
      .replaceAll(/"([ET])":\d+/g, `"$1":${at}`);
    market.deliver(Buffer.from(anew));
    answers[0]?.({
      kind: 'records',
      records: [{ from: lost, to: lost, tradeTimeUs: START_US, bytes: restTrade(lost) }],
    });
    await market.pass(60_000);
    assert.equal(answers.length, 1, 'asked once');
    assert.equal(ingest.filler?.pendingGaps, 0);
    const lane = ingest.intake.tradeLanes.get('BTCUSDT');
    assert.deepEqual([lane?.ledger.contiguousId, lane?.ledger.gaps.length], [10, 0]);
    await ingest.stop();
  });

  it('asks once more at a start for what was given up, and fills it late', async () => {
    const ledger = new SymbolLedger('BTCUSDT');
    for (const id of [1, 2, 4, 5, 7]) ledger.see(id, START_US + id * 1_000, START_US, 'live');
    for (const gap of [...ledger.gaps]) ledger.giveUp(gap);
    ledger.tellings(() => true);
    const market = new Market(await emptyLog());
    const asked: number[] = [];
    const ingest = await market.start({
      starts: new Map([['BTCUSDT', { ledger, began: true }]]),
      repair: {
        mode: 'by id',
        fetch: async (_gap, from) => {
          asked.push(from);
          const record = { from: 3, to: 3, tradeTimeUs: START_US + 3_000, bytes: restTrade(3) };
          return { kind: 'records', records: from === 3 ? [record] : [] };
        },
      },
    });
    market.deliver(tradeFrame('BTCUSDT', 8));
    await market.pass(3_600_000);
    await ingest.stop();
    assert.deepEqual(asked, [3, 6]);
    assert.equal(ingest.filler?.pendingGaps, 0);
    const all = await events(market.log);
    assert.deepEqual(
      all.flatMap((event) => (event.kind === 'tick' && event.gap ? [[event.gap.from, event.gap.state]] : [])),
      [[3, 'filled']],
      'what stays missing is not told again',
    );
    assert.ok(all.some((event) => event.kind === 'trade' && event.tradeId === 3));
  });

  it('one frame with an id far ahead opens no gap, tells no ticks, and hides no loss', async () => {
    const market = new Market(await emptyLog());
    const reports: string[] = [];
    const ingest = await market.start({
      repair: restWith([], () => 100),
      report: ({ kind }) => reports.push(kind),
    });
    for (let id = 1; id <= 60; id += 1) {
      // 40 is lost; 20 comes with another id.
      const bytes = tradeFrame('BTCUSDT', id);
      if (id === 20) market.deliver(Buffer.from(bytes.toString().replace('"t":20', '"t":5000020')));
      else if (id !== 40) market.deliver(bytes);
      await market.pass(300);
    }
    await market.pass(60_000);
    const ledger = ingest.intake.tradeLanes.get('BTCUSDT')?.ledger;
    assert.deepEqual([ledger?.contiguousId, ledger?.gaps.length], [60, 0]);
    await ingest.stop();
    const all = await events(market.log);
    const ids = all.flatMap((event) => (event.kind === 'trade' ? [event.tradeId] : []));
    assert.deepEqual(
      [...new Set(ids)].sort((a, b) => a - b),
      [...Array.from({ length: 60 }, (_, at) => at + 1), 5_000_020],
      'the frame is in the log as it came, and its trade under its own id',
    );
    const told = all.filter((event) => event.kind === 'tick' && event.gap !== null);
    assert.equal(told.length, 4, 'two holes, each opened and filled');
    assert.deepEqual(
      reports.filter((kind) => kind === 'id-doubted'),
      ['id-doubted'],
    );
  });

  it('trades that come inside a gap that was given up are told by the second, not one by one', async () => {
    const market = new Market(await emptyLog());
    const ingest = await market.start();
    market.deliver(tradeFrame('BTCUSDT', 1));
    market.deliver(tradeFrame('BTCUSDT', 900));
    await market.pass(1_000);
    for (let id = 2; id <= 800; id += 1) {
      market.deliver(tradeFrame('BTCUSDT', id));
      await market.pass(10);
    }
    await ingest.endFeed();
    const all = await events(market.log);
    const told = all.filter((event) => event.kind === 'tick' && event.gap !== null);
    assert.ok(told.length <= 25, `told ${told.length} times in 8 s`);
    assert.deepEqual(
      [...toldMissing(all, 'BTCUSDT')],
      Array.from({ length: 99 }, (_, at) => at + 801),
    );
  });

  it('stopped while trades wait behind a hole, leaves them in the log and the hole told', async () => {
    const market = new Market(await emptyLog());
    const ingest = await market.start({
      repair: { mode: 'by id', fetch: () => new Promise(() => {}) },
    });
    for (const id of [1, 5, 6]) market.deliver(tradeFrame('BTCUSDT', id));
    await market.pass(500);
    assert.equal(ingest.intake.tradeLanes.get('BTCUSDT')?.waiting, 2);
    await ingest.stop();
    const all = await events(market.log);
    assert.deepEqual(
      all.flatMap((event) => (event.kind === 'trade' ? [event.tradeId] : [])),
      [1, 5, 6],
    );
    assert.deepEqual([...toldMissing(all, 'BTCUSDT')], [2, 3, 4]);
  });
});
