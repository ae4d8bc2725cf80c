import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startIngest } from '../../../functions/ingest/ingest.ts';
import { liveConfig } from '../../../functions/ingest/ingest-config.ts';
import { IngestMetrics } from '../../../functions/ingest/ingest-metrics.ts';
import { MemoryStreamSource } from '../../../functions/ingest/memory-stream-source.ts';
import { type MetricValue, readEmf } from '../../../infra/local/cloudwatch/read-emf.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';
import { MemoryProducer } from '../aggregate/aggregate-fixtures.ts';

/** 12:00:03, so that the first figures come after seven seconds. */
const START_MS = Date.UTC(2026, 10, 21, 12, 0, 3);

async function started() {
  const clock = new VirtualClock(START_MS * 1000);
  const source = new MemoryStreamSource();
  let metrics: IngestMetrics | undefined;
  const ingest = await startIngest(
    liveConfig({
      symbols: ['BTCUSDT'],
      streams: ['trade', 'bookTicker'],
      streamUrl: 'ws://x',
      microseconds: false,
      topics: DEFAULT_TOPIC_NAMES,
      reconnectDelayMs: 5_000,
      maxReconnectDelayMs: 5_000,
      gapWaitMs: 1_000,
    }),
    {
      clock,
      random: () => 0.5,
      source,
      producer: new MemoryProducer(),
      report: (report) => metrics?.report(report),
    },
  );
  const values: MetricValue[] = [];
  const port = {
    emit: (line: string) => values.push(...readEmf(line)),
    nowMs: () => clock.nowUs() / 1000,
    symbols: ['BTCUSDT'],
  };
  metrics = new IngestMetrics(ingest, { clock, port });
  const told = metrics;
  const run = async (seconds: number): Promise<void> => {
    for (let step = 0; step < seconds * 10; step += 1) {
      clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const trade = (tradeId: number): void => {
    const timeMs = clock.nowUs() / 1000;
    const data = { e: 'trade', E: timeMs, s: 'BTCUSDT', t: tradeId, p: '1.5', q: '2', T: timeMs, m: true };
    const frame = JSON.stringify({ stream: 'btcusdt@trade', data: { ...data, M: true } });
    const socket = source.connections.find(({ request }) => request.connection.startsWith('t'));
    socket?.deliver(Buffer.from(frame), clock.nowUs());
  };
  /** What was told of a metric under these dimension values since the last call of `clear`. */
  const of = (name: string, ...dimensions: readonly string[]): readonly number[] =>
    values
      .filter((each) => each.name === name)
      .filter((each) => each.dimensions.map(([, value]) => value).join() === dimensions.join())
      .map(({ value }) => value);
  const clear = (): void => {
    values.length = 0;
  };
  await run(0.1);
  return { clock, ingest, metrics: told, source, values, run, trade, of, clear };
}

describe('the metrics of ingest', () => {
  it('tell every 10 s what came in them, zeros included, in the period that they are of', async () => {
    const { run, trade, of, values, clear } = await started();
    for (const id of [1, 2, 3]) trade(id);
    await run(7);
    assert.deepEqual(of('FramesReceived', 'trades'), [3]);
    assert.deepEqual(of('FramesReceived', 'quotes'), [0]);
    assert.deepEqual(of('FramesReceived'), [3, 0], 'their sum is the frames of all feeds');
    assert.deepEqual(
      new Set(values.map(({ timeMs }) => timeMs)),
      new Set([Date.UTC(2026, 10, 21, 12, 0, 9, 999)]),
    );
    clear();
    await run(10);
    assert.deepEqual(of('FramesReceived'), [0, 0]);
    for (const name of ['GapsOpen', 'GapsFilled', 'GapsUnfillable', 'QuotesConflated', 'SocketReconnects']) {
      assert.deepEqual(of(name), [0], name);
    }
    assert.deepEqual(of('SocketsDown', 'trades'), [0]);
  });

  it('tell a gap that cannot be filled at once, and once', async () => {
    const { run, trade, of, clear } = await started();
    trade(1);
    await run(8);
    clear();
    trade(5);
    trade(9);
    await run(0.5);
    assert.deepEqual(of('GapsUnfillable'), [2]);
    await run(10);
    assert.deepEqual(of('GapsUnfillable'), [2, 0]);
  });

  it('tell a lost socket at once, and its return', async () => {
    const { run, of, source, clear } = await started();
    await run(8);
    clear();
    source.connections[0]?.end();
    await run(0.3);
    assert.deepEqual(of('SocketsDown', 'trades'), [1]);
    assert.deepEqual(of('SocketReconnects'), [1]);
    await run(10);
    assert.deepEqual(of('SocketsDown', 'trades'), [1, 0]);
  });

  it('tell how old the news of a symbol is, whatever ticks ingest writes in the silence', async () => {
    const { run, trade, of, source, clear } = await started();
    trade(1);
    await run(7);
    assert.deepEqual(of('FreshnessMs', 'BTCUSDT'), [6_900]);
    clear();
    for (const connection of source.connections) connection.answersPings = true;
    await run(60);
    const ages = of('FreshnessMs', 'BTCUSDT');
    assert.ok((ages.at(-1) ?? 0) > 60_000, String(ages));
    trade(2);
    clear();
    await run(10);
    assert.ok((of('FreshnessMs', 'BTCUSDT')[0] ?? 99_999) <= 10_000);
  });

  it('end with the stop', async () => {
    const { run, metrics, values, clear } = await started();
    metrics.stop();
    clear();
    await run(30);
    assert.deepEqual(values, []);
  });
});
