import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RecordedItem } from '../../../../infra/local/recordings/recorded-item.ts';
import { openRecording } from '../../../../infra/local/recordings/recording.ts';
import { type ReplayedRecording, type ReplayResult, replay } from '../../../../infra/local/replay/replay.ts';
import type { Log, LogProducer } from '../../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../../shared/log/topics.ts';
import { VirtualClock } from '../../../../shared/virtual-clock.ts';
import { recordings, skipWithoutRecordings } from '../../../recordings.ts';
import { emptyLog, readAll } from './raw-log.ts';
import { quoteItem, recordingOf, START_US, tradeItem, unreadableItem } from './synthetic-recording.ts';

const TRADES = DEFAULT_TOPIC_NAMES.rawTrades;
const QUOTES = DEFAULT_TOPIC_NAMES.rawQuotes;

async function run(
  log: Log,
  recording: ReplayedRecording,
  options: { again?: boolean; producer?: LogProducer } = {},
): Promise<ReplayResult> {
  return replay({
    recording,
    producer: options.producer ?? (await log.producer()),
    reader: await log.reader(),
    topics: DEFAULT_TOPIC_NAMES,
    speed: 'max',
    wall: new VirtualClock(0),
    again: options.again ?? false,
  });
}

const isTick = (record: { readonly text: string }): boolean => record.text.startsWith('{"event_type":"tick"');

async function frames(log: Log): Promise<readonly string[]> {
  const all = [...(await readAll(log, TRADES)), ...(await readAll(log, QUOTES))];
  return all.filter((record) => !isTick(record)).map((record) => `${record.header.frame} ${record.text}`);
}

/** A producer that dies after some sends, as a process does. */
async function dyingAfter(log: Log, sends: number): Promise<LogProducer> {
  const producer = await log.producer();
  let left = sends;
  return {
    send: (records) => {
      left -= 1;
      return left < 0 ? Promise.reject(new Error('killed')) : producer.send(records);
    },
    close: () => producer.close(),
  };
}

function market(lines: number, holeAt: number): RecordedItem[] {
  const items: RecordedItem[] = [];
  for (let line = 0; line < lines; line += 1) {
    const at = line * 7;
    if (line % 3 === 0) items.push(quoteItem(line % 2 ? 'BTCUSDT' : 'ETHUSDT', 1_000 + line, at));
    else items.push(tradeItem(line % 2 ? 'BTCUSDT' : 'ETHUSDT', line < holeAt ? line : line + 50, at));
    if (line === 40) items.push(unreadableItem('{"cut', at));
  }
  return items;
}

describe('replay', () => {
  it('appends every line once, its bytes untouched, keyed by symbol, with the line’s time', async () => {
    const log = await emptyLog();
    const items = [tradeItem('BTCUSDT', 1, 0), quoteItem('BTCUSDT', 9, 5), unreadableItem('no json', 8)];
    const result = await run(log, recordingOf(items));
    const trades = (await readAll(log, TRADES)).filter((record) => !isTick(record));
    assert.equal(result.frames, 3);
    assert.equal(result.unreadable, 1);
    assert.deepEqual(
      trades.map((record) => [record.key, record.text, record.header]),
      [
        [
          null,
          'no json',
          { receivedUs: START_US + 8_000, connection: 'p0.t0-1', source: 'replay', frame: 2 },
        ],
        [
          'BTCUSDT',
          items[0]?.kind === 'frame' ? items[0].bytes.toString() : '',
          { receivedUs: START_US, connection: 'p0.t0-1', source: 'replay', frame: 0 },
        ],
      ],
    );
  });

  it('opens and closes each watch session once, with the exchange’s time for trades and the receive time for quotes', async () => {
    const log = await emptyLog();
    await run(
      log,
      recordingOf([tradeItem('BTCUSDT', 1, 10), quoteItem('BTCUSDT', 9, 15), tradeItem('BTCUSDT', 2, 30)]),
    );
    const bounds = async (topic: string) =>
      (await readAll(log, topic)).filter(isTick).map((record) => JSON.parse(record.text));
    const ms = START_US / 1_000;
    const [tradesBegan, tradesEnded, ...moreTrades] = await bounds(TRADES);
    assert.equal(moreTrades.length, 0);
    assert.equal(tradesBegan.began_ms, ms + 10);
    assert.equal(tradesEnded.ended_ms, ms + 30);
    assert.equal(tradesEnded.contiguous_id, 2);
    const [quotesBegan, quotesEnded, ...moreQuotes] = await bounds(QUOTES);
    assert.equal(moreQuotes.length, 0);
    assert.equal(quotesBegan.began_ms, ms + 15);
    assert.equal(quotesEnded.ended_ms, ms + 15);
  });

  it('killed at any produce and started again, leaves the very log of an undisturbed run', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3_000 }),
        fc.integer({ min: 0, max: 3_000 }),
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
        async (lines, holeAt, kills) => {
          const recording = recordingOf(market(lines, holeAt));
          const undisturbed = await emptyLog();
          await run(undisturbed, recording);
          const log = await emptyLog();
          for (const sends of kills)
            await run(log, recording, { producer: await dyingAfter(log, sends) }).catch(() => {});
          const result = await run(log, recording);
          for (const topic of [TRADES, QUOTES])
            assert.deepEqual(await readAll(log, topic), await readAll(undisturbed, topic));
          assert.equal(result.framesInLog, result.frames);
        },
      ),
      { numRuns: 30, endOnFailure: true },
    );
  });

  it('finished and started again, appends nothing and tells the same counts', async () => {
    const log = await emptyLog();
    const recording = recordingOf(market(100, 50));
    const first = await run(log, recording);
    const before = await frames(log);
    const second = await run(log, recording);
    assert.deepEqual(await frames(log), before);
    assert.deepEqual(
      [second.frames, second.framesInLog, second.isFinished],
      [first.frames, first.framesInLog, true],
    );
  });

  it('fed again, appends every frame a second time under numbers that go on', async () => {
    const log = await emptyLog();
    const recording = recordingOf(market(100, 50));
    const { frames: count } = await run(log, recording);
    const result = await run(log, recording, { again: true });
    const numbers = (await frames(log)).map((text) => Number(text.split(' ')[0])).sort((a, b) => a - b);
    assert.deepEqual(
      numbers,
      Array.from({ length: 2 * count }, (_, at) => at),
    );
    assert.equal(result.framesInLog, 2 * count);
    assert.equal(result.pass, 1);
  });

  it('tells a hole that nobody can fill, before the trades that waited behind it', async () => {
    const log = await emptyLog();
    await run(
      log,
      recordingOf([tradeItem('BTCUSDT', 1, 0), tradeItem('BTCUSDT', 5, 10), tradeItem('BTCUSDT', 6, 900)]),
    );
    const told = (await readAll(log, TRADES)).map((record) => {
      const value = JSON.parse(record.text);
      return value.data?.t ?? value.gap?.state ?? (value.began_ms === null ? 'ended' : 'began');
    });
    assert.deepEqual(told, ['began', 1, 'open', 'unfillable', 5, 6, 'ended']);
  });

  it('fills a hole where the recording’s trades are served, on the same clock, before the line after it', async () => {
    const log = await emptyLog();
    const rest = (id: number) => ({
      from: id,
      to: id,
      tradeTimeUs: START_US,
      bytes: Buffer.from(
        `{"id":${id},"price":"1","qty":"1","quoteQty":"1","time":${START_US / 1_000},"isBuyerMaker":true,"isBestMatch":true}`,
      ),
    });
    const recording = recordingOf([1, 4, 5, 6].map((id, at) => tradeItem('BTCUSDT', id, at * 150)));
    for (let start = 0; start < 2; start += 1)
      await replay({
        recording,
        producer: await log.producer(),
        reader: await log.reader(),
        topics: DEFAULT_TOPIC_NAMES,
        speed: 'max',
        wall: new VirtualClock(0),
        repair: {
          mode: 'recorded',
          fetch: async () => {
            for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
            return { kind: 'records', records: [rest(2), rest(3)] };
          },
        },
      });
    const told = (await readAll(log, TRADES)).map((record) => {
      const value = JSON.parse(record.text);
      return value.data?.t ?? value.id ?? value.gap?.state ?? (value.began_ms === null ? 'ended' : 'began');
    });
    assert.deepEqual(told, ['began', 1, 'open', 2, 3, 'filled', 4, 5, 6, 'ended']);
  });

  it('keeps what it read when the recording breaks off, and goes on from there', async () => {
    const log = await emptyLog();
    const items = Array.from({ length: 300 }, (_, at) => tradeItem('BTCUSDT', at + 1, at * 7));
    const broken: ReplayedRecording = {
      symbols: ['BTCUSDT', 'ETHUSDT'],
      async *items() {
        yield* items.slice(0, 150);
        throw new Error('the disk is gone');
      },
    };
    await assert.rejects(run(log, broken), /the disk is gone/);
    assert.equal((await frames(log)).length, 150);
    const undisturbed = await emptyLog();
    await run(undisturbed, recordingOf(items));
    await run(log, recordingOf(items));
    assert.deepEqual(await readAll(log, TRADES), await readAll(undisturbed, TRADES));
  });

  it('stopped by a signal, leaves the session open and is resumed', async () => {
    const log = await emptyLog();
    const items = market(300, 100);
    const stop = new AbortController();
    const interrupted: ReplayedRecording = {
      symbols: ['BTCUSDT', 'ETHUSDT'],
      async *items() {
        for (const [at, item] of items.entries()) {
          if (at === 200) stop.abort();
          yield item;
        }
      },
    };
    const first = await replay({
      recording: interrupted,
      producer: await log.producer(),
      reader: await log.reader(),
      topics: DEFAULT_TOPIC_NAMES,
      speed: 'max',
      wall: new VirtualClock(0),
      signal: stop.signal,
    });
    assert.equal(first.isFinished, false);
    const ended = (await readAll(log, TRADES)).filter((record) => /"ended_ms":\d/.test(record.text));
    assert.deepEqual(ended, []);
    const undisturbed = await emptyLog();
    await run(undisturbed, recordingOf(items));
    await run(log, recordingOf(items));
    assert.deepEqual(await readAll(log, TRADES), await readAll(undisturbed, TRADES));
    assert.deepEqual(await readAll(log, QUOTES), await readAll(undisturbed, QUOTES));
  });

  it('says nothing of a hole when frames were only swapped', async () => {
    const log = await emptyLog();
    await run(log, recordingOf([1, 3, 2, 4].map((id, at) => tradeItem('BTCUSDT', id, at * 10))));
    const told = (await readAll(log, TRADES)).map((record) => JSON.parse(record.text).data?.t ?? 'tick');
    assert.deepEqual(told, ['tick', 1, 2, 3, 4, 'tick']);
  });

  it('ticks a quiet symbol at least every 5 s with the exchange’s last time', async () => {
    const log = await emptyLog();
    await run(
      log,
      recordingOf([tradeItem('BTCUSDT', 1, 0), tradeItem('ETHUSDT', 1, 20), tradeItem('ETHUSDT', 2, 30_000)]),
    );
    const ticks = (await readAll(log, TRADES)).filter((record) => isTick(record) && record.key === 'BTCUSDT');
    const times = ticks.map((tick) => tick.header.receivedUs);
    for (const [at, time] of times.entries())
      assert.ok(time - (times[at - 1] ?? START_US) <= 5_000_000, `tick ${at}`);
    const quiet = ticks.slice(1, -1);
    assert.ok(quiet.length >= 6);
    assert.deepEqual(
      [...new Set(quiet.map((tick) => JSON.parse(tick.text).time_ms))],
      [START_US / 1_000 + 20],
    );
  });

  it('does not live through days between two files second by second', async () => {
    const log = await emptyLog();
    await run(log, recordingOf([tradeItem('BTCUSDT', 1, 0), tradeItem('BTCUSDT', 2, 60 * 86_400_000)]));
    assert.ok((await readAll(log, TRADES)).length < 200);
  });

  it('keeps to a multiple of real time', async () => {
    const log = await emptyLog();
    const wall = new VirtualClock(0);
    let finished = false;
    const running = replay({
      recording: recordingOf([tradeItem('BTCUSDT', 1, 0), tradeItem('BTCUSDT', 2, 20_000)]),
      producer: await log.producer(),
      reader: await log.reader(),
      topics: DEFAULT_TOPIC_NAMES,
      speed: 10,
      wall,
    }).then(() => {
      finished = true;
    });
    const turns = async (): Promise<void> => {
      for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
    };
    for (let tenth = 0; tenth < 19; tenth += 1) {
      await turns();
      wall.advance(100);
    }
    await turns();
    assert.equal(finished, false);
    const held = (await readAll(log, TRADES)).filter((record) => !isTick(record));
    assert.equal(held.length, 1, 'what was read is in the log while the replay waits');
    wall.advance(101);
    await running;
  });

  it('takes the recording of 2024-08-08 whole, without a gap', { skip: skipWithoutRecordings }, async () => {
    const log = await emptyLog();
    const recording = await openRecording([`${recordings}/binance-spot-2024-08-08`]);
    const result = await run(log, recording);
    const trades = (await readAll(log, TRADES)).filter((record) => !isTick(record));
    assert.equal(result.notFrames, 2);
    assert.equal((await frames(log)).length, result.frames);
    assert.equal(trades.filter((record) => record.key === 'BTCUSDT').length, 9_757);
    const gaps = (await readAll(log, TRADES)).filter(
      (record) => isTick(record) && JSON.parse(record.text).gap,
    );
    assert.deepEqual(gaps, []);
  });

  it('takes REST trades and klines as their own bytes, under the symbol that the recording knows', {
    skip: skipWithoutRecordings,
  }, async () => {
    const log = await emptyLog();
    const recording = await openRecording([`${recordings}/binance-rest-2020-09-27`], {
      symbols: ['BTCUSDT'],
    });
    const result = await run(log, recording);
    const records = (await readAll(log, TRADES)).filter((record) => !isTick(record));
    const trades = records.filter((record) => record.text.startsWith('{'));
    assert.equal(trades.length, 1_000);
    assert.equal(records.length, result.frames);
    for (const record of records) {
      assert.equal(record.key, 'BTCUSDT');
      assert.equal(record.header.source, 'replay');
    }
    const [first] = trades;
    assert.equal(first?.header.receivedUs, JSON.parse(first?.text ?? '{}').time * 1_000);
    const ticks = (await readAll(log, TRADES)).filter(isTick).map((record) => JSON.parse(record.text));
    assert.ok(ticks.every((tick) => tick.gap === null));
    assert.equal(ticks.at(-1).contiguous_id - JSON.parse(first?.text ?? '{}').id, 999);
  });

  it('takes a CSV of microseconds without a gap, and ticks through its quiet stretches', {
    skip: skipWithoutRecordings,
  }, async () => {
    const log = await emptyLog();
    const recording = await openRecording([`${recordings}/binance-spot-micros-2025-03-04`]);
    await run(log, recording);
    const all = await readAll(log, TRADES);
    const frames = all.filter((record) => !isTick(record));
    assert.equal(frames.length, 10_000);
    for (const [at, record] of all.entries()) {
      const before = all[at - 1];
      if (before !== undefined)
        assert.ok(record.header.receivedUs - before.header.receivedUs <= 5_000_000, `record ${at}`);
      if (isTick(record)) assert.equal(JSON.parse(record.text).gap, null);
    }
  });
});
