import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type QueueLimits, RecordQueue } from '../../../functions/ingest/record-queue.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { AppendedRange, LogProducer, OutgoingRecord } from '../../../shared/log/log.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';

const LIMITS: QueueLimits = {
  maxRecords: 3,
  maxBytes: 1_000,
  lingerMs: 5,
  pauseAbove: 4,
  resumeBelow: 3,
  conflateAbove: null,
};

/** A log that answers when the test says so. */
function held() {
  const sends: { records: readonly OutgoingRecord[]; ack: () => void; fail: (error: unknown) => void }[] = [];
  const producer: LogProducer = {
    send: (records) =>
      new Promise<readonly AppendedRange[]>((resolve, reject) => {
        sends.push({ records, ack: () => resolve([]), fail: reject });
      }),
    close: () => Promise.resolve(),
  };
  return { sends, producer };
}

function setup(limits: Partial<QueueLimits> = {}) {
  const clock = new VirtualClock(0);
  const { sends, producer } = held();
  const pressure: boolean[] = [];
  const failures: unknown[] = [];
  const queue = new RecordQueue(
    producer,
    clock,
    { ...LIMITS, ...limits },
    {
      onPressure: (full) => pressure.push(full),
      onAppended: () => {},
      onFailure: (error) => failures.push(error),
    },
  );
  const push = (value: string, key = 'BTCUSDT', conflatable = false): void =>
    queue.push({ topic: 't', key, value }, conflatable);
  const values = (): unknown[][] => sends.map((send) => send.records.map((record) => record.value));
  return { clock, queue, push, sends, values, pressure, failures };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('RecordQueue', () => {
  it('sends a full batch at once and a small one when it has waited long enough', async () => {
    const { clock, push, values } = setup();
    push('a');
    clock.advance(4);
    assert.deepEqual(values(), []);
    clock.advance(1);
    assert.deepEqual(values(), [['a']]);
  });

  it('keeps one send in flight, so that the order holds', async () => {
    const { push, sends, values } = setup();
    for (const value of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) push(value);
    assert.deepEqual(values(), [['a', 'b', 'c']]);
    sends[0]?.ack();
    await turn();
    assert.deepEqual(values(), [
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ]);
  });

  it('asks for a pause when it is full and for more when there is room', async () => {
    const { push, sends, pressure } = setup();
    for (let count = 0; count < 8; count += 1) push('x');
    assert.deepEqual(pressure, [true]);
    sends[0]?.ack();
    await turn();
    sends[1]?.ack();
    await turn();
    assert.deepEqual(pressure, [true, false]);
  });

  it('replaces a waiting quote by the newer one of its symbol once too many wait, and counts it', () => {
    const { push, queue, sends } = setup({ maxRecords: 1, conflateAbove: 2, pauseAbove: 100 });
    push('sent', 'A', true);
    push('a1', 'A', true);
    push('b1', 'B', true);
    push('a2', 'A', true);
    push('c1', 'C', true);
    push('tick', 'A');
    assert.equal(queue.conflated, 1);
    assert.equal(queue.length, 4);
    assert.equal(sends.length, 1);
  });

  it('never replaces what is being sent', async () => {
    const { push, queue, sends, values } = setup({ maxRecords: 1, conflateAbove: 0, pauseAbove: 100 });
    push('a1', 'A', true);
    push('a2', 'A', true);
    push('a3', 'A', true);
    assert.equal(queue.conflated, 1);
    sends[0]?.ack();
    await turn();
    assert.deepEqual(values(), [['a1'], ['a3']]);
  });

  it('sends the same records again until the log takes them, where the failure may pass', async () => {
    const { clock, push, sends, values, failures } = setup({ maxRecords: 1 });
    push('a');
    sends[0]?.fail(new CodedError('LOG_UNAVAILABLE', 'down', { canRetry: true }));
    await turn();
    clock.advance(100);
    await turn();
    assert.deepEqual(values(), [['a'], ['a']]);
    assert.deepEqual(failures, []);
  });

  it('gives up, and says so, where the log refuses for good', async () => {
    const { push, queue, sends, failures } = setup({ maxRecords: 1 });
    push('a');
    push('b');
    sends[0]?.fail(new CodedError('LOG_AUTHORISATION', 'no'));
    await turn();
    assert.equal(failures.length, 1);
    assert.equal(sends.length, 1);
    await queue.flush();
  });

  it('flushes all that waits', async () => {
    const { push, queue, sends } = setup({ lingerMs: null });
    push('a');
    let flushed = false;
    const flushing = queue.flush().then(() => {
      flushed = true;
    });
    await turn();
    assert.equal(flushed, false);
    sends[0]?.ack();
    await flushing;
  });
});
