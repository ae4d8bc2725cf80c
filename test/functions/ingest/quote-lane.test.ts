import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainRefusal } from '../../../functions/ingest/explain-refusal.ts';
import { startIngest } from '../../../functions/ingest/ingest.ts';
import { liveConfig } from '../../../functions/ingest/ingest-config.ts';
import { type MemoryConnection, MemoryStreamSource } from '../../../functions/ingest/memory-stream-source.ts';
import { SymbolLedger } from '../../../shared/ledger/symbol-ledger.ts';
import type { Log } from '../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';
import { emptyLog, readAll } from '../../infra/local/replay/raw-log.ts';
import { START_US } from '../../infra/local/replay/synthetic-recording.ts';

const REFUSAL = explainRefusal('ws://memory', { errorCode: 'ECONNREFUSED' });

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A run of ingest on the quotes of two symbols; times are in seconds since the start. */
async function begin(log: Log, clock: VirtualClock) {
  const made: MemoryConnection[] = [];
  let refusedUntilUs = 0;
  const source = new MemoryStreamSource((connection) => {
    made.push(connection);
    if (clock.nowUs() < refusedUntilUs) connection.refuse(REFUSAL);
    else connection.open();
  });
  const ledger = new SymbolLedger('BTCUSDT');
  ledger.see(10, START_US, START_US, 'live', 'skipped');
  const ingest = await startIngest(
    liveConfig({
      symbols: ['BTCUSDT', 'ETHUSDT'],
      streams: ['bookTicker'],
      streamUrl: 'ws://memory',
      microseconds: false,
      topics: DEFAULT_TOPIC_NAMES,
      reconnectDelayMs: 1_000,
      maxReconnectDelayMs: 60_000,
      gapWaitMs: 10_000,
    }),
    {
      clock,
      random: () => 0,
      source,
      producer: await log.producer(),
      starts: new Map([['BTCUSDT', { ledger, began: true }]]),
    },
  );
  await turn();
  let update = clock.nowUs() / 1_000 - START_US / 1_000 + 100;
  return {
    made,
    ingest,
    pass: async (seconds: number) => {
      const endUs = clock.nowUs() + seconds * 1_000_000;
      while (clock.runNext(endUs)) await turn();
      clock.advanceTo(endUs);
      await turn();
    },
    quote: (connection: MemoryConnection | undefined, symbol = 'BTCUSDT') => {
      update += 1;
      const data = `{"u":${update},"s":"${symbol}","b":"1.0","B":"1","a":"1.2","A":"1"}`;
      const text = `{"stream":"${symbol.toLowerCase()}@bookTicker","data":${data}}`;
      connection?.deliver(Buffer.from(text), clock.nowUs());
    },
    refuse: (seconds: number) => {
      refusedUntilUs = clock.nowUs() + seconds * 1_000_000;
    },
    connection: () => source.connections.at(-1),
  };
}

/** What the log holds of a symbol: `quote`, or what a tick says, with times in seconds. */
async function story(log: Log, symbol = 'BTCUSDT'): Promise<readonly string[]> {
  const seconds = (ms: number): number => (ms * 1_000 - START_US) / 1_000_000;
  return (await readAll(log, DEFAULT_TOPIC_NAMES.rawQuotes))
    .filter(({ key }) => key === symbol)
    .map(({ text }) => {
      const value = JSON.parse(text);
      if (value.event_type !== 'tick') return 'quote';
      const ended = value.ended_ms === null ? '' : ` ended ${seconds(value.ended_ms)}`;
      const began = value.began_ms === null ? '' : ` began ${seconds(value.began_ms)}`;
      return `tick ${seconds(value.time_ms)}${ended}${began}`;
    });
}

describe('QuoteLane', () => {
  it('tells every symbol of a socket that was lost from when to when nobody watched', async () => {
    const log = await emptyLog();
    const run = await begin(log, new VirtualClock(START_US));
    run.quote(run.connection());
    await run.pass(2);
    run.quote(run.connection(), 'ETHUSDT');
    await run.pass(0.5);
    run.made[0]?.end();
    run.refuse(2);
    await run.pass(3.2);
    run.quote(run.connection(), 'ETHUSDT');
    await run.pass(0.2);
    run.quote(run.connection());
    await run.ingest.stop();
    assert.deepEqual(await story(log), ['tick 0 began 0', 'quote', 'tick 5.7 ended 2 began 5.7', 'quote']);
    assert.deepEqual(await story(log, 'ETHUSDT'), [
      'tick 0 began 0',
      'quote',
      'tick 5.7 ended 2 began 5.7',
      'quote',
    ]);
  });

  it('a socket that is open again and brings nothing tells it with the next second; lost again, it tells that too', async () => {
    const log = await emptyLog();
    const run = await begin(log, new VirtualClock(START_US));
    run.quote(run.connection());
    await run.pass(1);
    run.made[0]?.end();
    await run.pass(2);
    run.made[1]?.end();
    await run.pass(4);
    run.quote(run.connection());
    run.quote(run.connection());
    await run.ingest.stop();
    assert.deepEqual(await story(log), [
      'tick 0 began 0',
      'quote',
      'tick 3 ended 0 began 3',
      'tick 5 ended 0 began 5',
      'quote',
      'quote',
    ]);
  });

  it('a rotation, in which the new socket delivers before the old one goes, interrupts nothing', async () => {
    const log = await emptyLog();
    const run = await begin(log, new VirtualClock(START_US));
    run.quote(run.connection());
    run.ingest.sockets[0]?.keeper.rotate();
    await run.pass(1);
    run.quote(run.made[0]);
    run.quote(run.made[1]);
    await run.pass(1);
    run.quote(run.connection());
    await run.ingest.stop();
    assert.deepEqual(await story(log), ['tick 0 began 0', 'quote', 'quote', 'quote', 'quote']);
  });

  it('a socket that answered no ping before its successor came was not watched', async () => {
    const log = await emptyLog();
    const run = await begin(log, new VirtualClock(START_US));
    for (const connection of run.made) connection.answersPings = false;
    run.quote(run.connection());
    await run.pass(21);
    run.quote(run.made[1]);
    await run.ingest.stop();
    // From the ping at 10 s on, nobody knows that there was nothing to say.
    assert.deepEqual(await story(log), [
      'tick 0 began 0',
      'quote',
      'tick 4',
      'tick 8',
      'tick 21 ended 0 began 21',
      'quote',
    ]);
  });

  it('a quiet symbol has ticks while its socket is open, and none while it is not', async () => {
    const log = await emptyLog();
    const run = await begin(log, new VirtualClock(START_US));
    run.quote(run.connection());
    await run.pass(9);
    run.made[0]?.end();
    run.refuse(30);
    await run.pass(30);
    await run.ingest.stop();
    assert.deepEqual(await story(log), ['tick 0 began 0', 'quote', 'tick 4', 'tick 8']);
  });

  it('a run after another opens a session of its own, also where that of its trades goes on', async () => {
    const log = await emptyLog();
    const clock = new VirtualClock(START_US);
    const first = await begin(log, clock);
    first.quote(first.connection());
    await first.pass(1);
    await first.ingest.stop();
    clock.advance(20_000);
    const second = await begin(log, clock);
    second.quote(second.connection());
    await second.ingest.stop();
    assert.deepEqual(await story(log), ['tick 0 began 0', 'quote', 'tick 21 began 21', 'quote']);
  });
});
