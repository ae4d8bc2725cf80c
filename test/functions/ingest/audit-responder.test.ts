import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditResponder } from '../../../functions/ingest/audit-responder.ts';
import type { RestAnswer } from '../../../functions/ingest/rest-client.ts';
import { openMemoryLog } from '../../../infra/local/log/memory-log.ts';
import type { Log } from '../../../shared/log/log.ts';
import { VirtualClock } from '../../infra/local/log/virtual-clock.ts';

const MINUTE_MS = 60_000;
const OPENS_MS = Date.UTC(2026, 10, 21, 12, 0);

test('a kline that the exchange has is appended, and its request committed', async () => {
  const bench = await AuditBench.start([request(0)]);
  await bench.clock.advance(2_000);
  assert.deepEqual(bench.appended, ['BTCUSDT 0']);
  assert.equal(bench.committed, 1);
  await bench.stop();
});

test('an exchange that does not answer for ten minutes is asked again, and nothing is committed before', async () => {
  const bench = await AuditBench.start([request(0), request(1)]);
  bench.down = true;
  await bench.clock.advance(10 * MINUTE_MS);
  assert.deepEqual(bench.appended, []);
  assert.equal(bench.committed, 0);
  assert.ok(bench.asked < 30, `${bench.asked} calls`);
  bench.down = false;
  await bench.clock.advance(6 * MINUTE_MS);
  assert.deepEqual(bench.appended.toSorted(), ['BTCUSDT 0', 'BTCUSDT 1']);
  assert.equal(bench.committed, 2);
  await bench.stop();
});

test('one minute that cannot be had yet holds back no other, and what stands before it stays uncommitted', async () => {
  const bench = await AuditBench.start([request(0), request(1), request(2)]);
  bench.missing.add(0);
  await bench.clock.advance(5_000);
  assert.deepEqual(bench.appended, ['BTCUSDT 1', 'BTCUSDT 2']);
  assert.equal(bench.committed, 0);
  bench.missing.clear();
  await bench.clock.advance(MINUTE_MS);
  assert.equal(bench.committed, 3);
  await bench.stop();
});

test('a kline that the exchange goes on not to have is told as such, and left', async () => {
  const bench = await AuditBench.start([request(0)]);
  bench.missing.add(0);
  await bench.clock.advance(10 * MINUTE_MS);
  assert.deepEqual(bench.told, ['the exchange has no such kline']);
  assert.equal(bench.asked, 5);
  assert.equal(bench.committed, 1);
  await bench.stop();
});

test('what is no request is passed over', async () => {
  const bench = await AuditBench.start(['{', '{"symbol":"BTCUSDT","open_time_ms":1}', request(1)]);
  await bench.clock.advance(2_000);
  assert.deepEqual(bench.appended, ['BTCUSDT 1']);
  assert.equal(bench.committed, 3);
  await bench.stop();
});

test('a start that follows a stop asks for what was not answered', async () => {
  const bench = await AuditBench.start([request(0)]);
  bench.down = true;
  await bench.clock.advance(5_000);
  await bench.stop();
  const next = await AuditBench.start([], bench);
  await next.clock.advance(2_000);
  assert.deepEqual(next.appended, ['BTCUSDT 0']);
  await next.stop();
});

function request(minute: number): string {
  return JSON.stringify({ symbol: 'BTCUSDT', open_time_ms: OPENS_MS + minute * MINUTE_MS });
}

/** A responder over a log in memory and an exchange that has one kline for each minute. */
class AuditBench {
  readonly clock: VirtualClock;
  readonly log: Log;
  readonly appended: string[] = [];
  readonly told: string[] = [];
  readonly missing = new Set<number>();
  down = false;
  asked = 0;
  committed = 0;
  #responder: AuditResponder | undefined;

  private constructor(log: Log, clock: VirtualClock) {
    this.log = log;
    this.clock = clock;
  }

  static async start(values: readonly string[], before?: AuditBench): Promise<AuditBench> {
    const clock = before?.clock ?? new VirtualClock();
    const bench = new AuditBench(before?.log ?? openMemoryLog({ clock }), clock);
    await bench.log.ensureTopics([{ name: 'audits', partitions: 1, retentionMs: -1, compacted: false }]);
    const producer = await bench.log.producer();
    await producer.send(values.map((value) => ({ topic: 'audits', key: 'BTCUSDT', value })));
    const consumer = await bench.log.consumer({ groupId: 'ingest', topic: 'audits' });
    bench.#responder = new AuditResponder({
      consumer: {
        fetch: (limits) => consumer.fetch(limits),
        rewind: (partitions) => consumer.rewind(partitions),
        lag: () => consumer.lag(),
        close: () => consumer.close(),
        commit: async (offsets) => {
          await consumer.commit(offsets);
          bench.committed = offsets[0]?.next ?? bench.committed;
        },
      },
      rest: { get: async (_path, query) => bench.#answer(Number(query?.startTime)) },
      clock,
      append: (symbol, bytes) => bench.appended.push(`${symbol} ${bytes}`),
      flushed: async () => {},
      report: (report) => {
        if (report.kind === 'audit' && report.outcome !== 'appended') bench.told.push(report.outcome);
      },
    });
    bench.#responder.start();
    return bench;
  }

  async stop(): Promise<void> {
    await this.clock.until(this.#responder?.stop() ?? Promise.resolve());
  }

  #answer(openTimeMs: number): RestAnswer {
    this.asked += 1;
    const minute = (openTimeMs - OPENS_MS) / MINUTE_MS;
    const refusal = { code: 'HTTP_503', message: 'not now', canRetry: true };
    if (this.down) return { kind: 'later', afterMs: 2_000, refusal };
    return { kind: 'answer', body: Buffer.from(this.missing.has(minute) ? '[]' : `[${minute}]`) };
  }
}
