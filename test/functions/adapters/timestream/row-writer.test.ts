import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  RejectedRecordsException,
  ThrottlingException,
  TimestreamWriteClient,
  ValidationException,
  type WriteRecordsCommandInput,
} from '@aws-sdk/client-timestream-write';
import {
  type RowWriterOptions,
  timestreamRowWriter,
} from '../../../../functions/adapters/timestream/row-writer.ts';
import { CodedError } from '../../../../shared/coded-error.ts';
import { type Row, type RowWriter, VERSION_CONFLICT } from '../../../../shared/row.ts';
import { startStore } from '../../../infra/local/timestream/clients.ts';

const VERSION = 517_000n * 2n ** 40n + 7n;

function candle(symbol: string, index: number, close = '1', version = VERSION): Row {
  return {
    table: 'candles',
    dimensions: [
      ['symbol', symbol],
      ['resolution', '1m'],
    ],
    timeNs: String(1_723_161_300_000_000_000n + BigInt(index) * 60_000_000_000n),
    version: String(version),
    columns: [{ name: 'close', type: 'DOUBLE', value: close }],
  };
}

interface FakeStore {
  readonly writer: RowWriter;
  readonly calls: WriteRecordsCommandInput[];
  readonly delaysMs: number[];
  readonly mostInFlight: () => number;
}

/** A writer on a client whose middleware answers instead of the network. */
function fakeStore(
  answer: (call: number, input: WriteRecordsCommandInput) => unknown,
  options: RowWriterOptions = {},
): FakeStore {
  const calls: WriteRecordsCommandInput[] = [];
  const delaysMs: number[] = [];
  let inFlight = 0;
  let most = 0;
  const client = new TimestreamWriteClient({
    endpoint: 'http://127.0.0.1:9',
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  client.middlewareStack.add(
    () => async (args) => {
      const input = args.input;
      assert.ok('Records' in input && 'TableName' in input);
      calls.push(input);
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
      const error = answer(calls.length, input);
      if (error !== undefined) throw error;
      return { output: { $metadata: {} }, response: {} };
    },
    { step: 'initialize' },
  );
  const writer = timestreamRowWriter(
    {
      client,
      sleep: async (delayMs) => {
        delaysMs.push(delayMs);
      },
      random: () => 0.5,
    },
    options,
  );
  return { writer, calls, delaysMs, mostInFlight: () => most };
}

const throttled = (): ThrottlingException =>
  new ThrottlingException({ message: 'slow down', Message: 'slow down', $metadata: {} });

describe('the row writer on Timestream', () => {
  test('rows go by table, 100 records a call, with what they share said once', async () => {
    const store = fakeStore(() => undefined);
    const rows = Array.from({ length: 250 }, (_, index) => candle('BTCUSDT', index));
    const quote: Row = { ...candle('BTCUSDT', 0), table: 'quotes' };
    const outcome = await store.writer.write([...rows, quote]);
    assert.deepEqual(outcome, { written: 251, superseded: 0, refused: [] });
    assert.deepEqual(
      store.calls.map((call) => [call.DatabaseName, call.TableName, call.Records?.length]).toSorted(),
      [
        ['market', 'candles', 100],
        ['market', 'candles', 100],
        ['market', 'candles', 50],
        ['market', 'quotes', 1],
      ].toSorted(),
    );
    const [call] = store.calls;
    assert.deepEqual(call?.CommonAttributes, {
      MeasureName: 'candle',
      MeasureValueType: 'MULTI',
      TimeUnit: 'NANOSECONDS',
      Dimensions: [
        { Name: 'symbol', Value: 'BTCUSDT' },
        { Name: 'resolution', Value: '1m' },
      ],
      Version: VERSION,
    });
    assert.deepEqual(call?.Records?.[0], {
      Dimensions: [],
      Time: '1723161300000000000',
      MeasureValues: [{ Name: 'close', Type: 'DOUBLE', Value: '1' }],
    });
  });

  test('no more calls are on their way than allowed', async () => {
    const store = fakeStore(() => undefined, { callsInFlight: 3 });
    await store.writer.write(Array.from({ length: 2000 }, (_, index) => candle('BTCUSDT', index)));
    assert.equal(store.calls.length, 20);
    assert.equal(store.mostInFlight(), 3);
  });

  for (const { name, fault } of [
    { name: 'throttling', fault: throttled() },
    {
      name: 'a 500',
      fault: Object.assign(new Error('oops'), { name: 'Unknown', $metadata: { httpStatusCode: 503 } }),
    },
    { name: 'a timeout', fault: Object.assign(new Error('timed out'), { name: 'TimeoutError' }) },
    { name: 'a cut connection', fault: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) },
  ]) {
    test(`${name} is retried with growing delays until it passes`, async () => {
      const store = fakeStore((call) => (call <= 3 ? fault : undefined), {
        baseDelayMs: 100,
        maxDelayMs: 300,
      });
      assert.equal((await store.writer.write([candle('A', 0)])).written, 1);
      assert.deepEqual(store.delaysMs, [50, 100, 150]);
    });

    test(`${name} without end becomes STORE_UNAVAILABLE, which may be tried again`, async () => {
      const store = fakeStore(() => fault, { maxAttempts: 4 });
      await assert.rejects(store.writer.write([candle('A', 0)]), (error) => {
        assert.ok(error instanceof CodedError);
        assert.equal(error.code, 'STORE_UNAVAILABLE');
        assert.equal(error.canRetry, true);
        assert.equal(error.cause, fault);
        return true;
      });
      assert.equal(store.calls.length, 4);
    });
  }

  test('a refused call is not repeated', async () => {
    const refusal = new ValidationException({
      message: 'no',
      Message: 'no',
      $metadata: { httpStatusCode: 400 },
    });
    const store = fakeStore(() => refusal);
    await assert.rejects(store.writer.write([candle('A', 0)]), { code: 'STORE_REFUSED', canRetry: false });
    assert.equal(store.calls.length, 1);
  });

  test('of a half-rejected call each row is told: written, superseded, conflicting or refused', async () => {
    const rejection = new RejectedRecordsException({
      message: 'some',
      $metadata: { httpStatusCode: 419 },
      RejectedRecords: [
        { RecordIndex: 0, Reason: 'newer', ExistingVersion: Number(VERSION) + 2 ** 41 },
        { RecordIndex: 2, Reason: 'outside' },
        { RecordIndex: 3, Reason: 'same', ExistingVersion: 5 },
      ],
    });
    const store = fakeStore(() => rejection);
    const rows = [candle('A', 0), candle('A', 1), candle('A', 2), candle('A', 3, '1', 5n)];
    const outcome = await store.writer.write(rows);
    assert.equal(outcome.written, 1);
    assert.equal(outcome.superseded, 1);
    assert.deepEqual(outcome.refused, [
      { row: rows[2], reason: 'outside' },
      { row: rows[3], reason: VERSION_CONFLICT },
    ]);
  });

  test('of one row in several versions only the newest is sent, and two truths of one version are a conflict', async () => {
    const store = fakeStore(() => undefined);
    const conflict = candle('A', 0, '3', VERSION + 2n);
    const outcome = await store.writer.write([
      candle('A', 0, '1'),
      candle('A', 0, '2', VERSION + 2n),
      candle('A', 0, '2', VERSION + 2n),
      conflict,
    ]);
    assert.deepEqual(outcome, {
      written: 1,
      superseded: 2,
      refused: [{ row: conflict, reason: VERSION_CONFLICT }],
    });
    assert.deepEqual(store.calls[0]?.Records?.[0]?.MeasureValues, [
      { Name: 'close', Type: 'DOUBLE', Value: '2' },
    ]);
  });

  test('on the local Timestream, versions that a number would round are told apart', async () => {
    const store = await startStore({ nowMs: () => 1_723_161_600_000 });
    const writer = timestreamRowWriter({ client: store.write, sleep: async () => {}, random: Math.random });
    try {
      assert.equal((await writer.write([candle('A', 0, '1')])).written, 1);
      assert.equal((await writer.write([candle('A', 0, '1')])).written, 1);
      const conflict = await writer.write([candle('A', 0, '2')]);
      assert.deepEqual(
        conflict.refused.map(({ reason }) => reason),
        [VERSION_CONFLICT],
      );
      assert.equal((await writer.write([candle('A', 0, '2', VERSION - 1n)])).superseded, 1);
      assert.equal((await writer.write([candle('A', 0, '3', VERSION + 1n)])).written, 1);
      assert.deepEqual(await store.rows('SELECT close FROM market.candles'), [[3]]);
    } finally {
      await store.close();
    }
  });
});
