import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CancelQueryCommand, PrepareQueryCommand, QueryCommand } from '@aws-sdk/client-timestream-query';
import {
  type _Record,
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteDatabaseCommand,
  DeleteTableCommand,
  DescribeDatabaseCommand,
  DescribeEndpointsCommand,
  DescribeTableCommand,
  ListDatabasesCommand,
  ListTablesCommand,
  RejectedRecordsException,
  UpdateTableCommand,
} from '@aws-sdk/client-timestream-write';
import { exactInteger } from '../../../../functions/adapters/timestream/exact-integer.ts';
import { closeRecord, startStore, type TestStore } from './clients.ts';

const NOW_MS = Date.UTC(2024, 7, 9, 0, 0, 0);
const HOUR_MS = 3_600_000;

describe('the local Timestream, through the SDK', () => {
  let store: TestStore;
  let nowMs = NOW_MS;

  before(async () => {
    store = await startStore({ nowMs: () => nowMs });
  });
  after(() => store.close());

  test('databases and tables are created, described, listed, updated and deleted', async () => {
    await store.write.send(new CreateDatabaseCommand({ DatabaseName: 'other' }));
    await assert.rejects(store.write.send(new CreateDatabaseCommand({ DatabaseName: 'other' })), {
      name: 'ConflictException',
    });
    await store.write.send(new CreateTableCommand({ DatabaseName: 'other', TableName: 'figures' }));
    const described = await store.write.send(
      new DescribeTableCommand({ DatabaseName: 'other', TableName: 'figures' }),
    );
    assert.deepEqual(described.Table?.RetentionProperties, {
      MemoryStoreRetentionPeriodInHours: 6,
      MagneticStoreRetentionPeriodInDays: 73_000,
    });
    assert.equal(described.Table?.TableStatus, 'ACTIVE');
    assert.ok(described.Table?.CreationTime instanceof Date);
    await store.write.send(
      new UpdateTableCommand({
        DatabaseName: 'other',
        TableName: 'figures',
        RetentionProperties: { MemoryStoreRetentionPeriodInHours: 1, MagneticStoreRetentionPeriodInDays: 2 },
        MagneticStoreWriteProperties: { EnableMagneticStoreWrites: true },
      }),
    );
    const updated = await store.write.send(
      new DescribeTableCommand({ DatabaseName: 'other', TableName: 'figures' }),
    );
    assert.equal(updated.Table?.MagneticStoreWriteProperties?.EnableMagneticStoreWrites, true);
    const databases = await store.write.send(new ListDatabasesCommand({}));
    assert.deepEqual(
      databases.Databases?.map(({ DatabaseName }) => DatabaseName),
      ['market', 'other'],
    );
    const tables = await store.write.send(new ListTablesCommand({ DatabaseName: 'market', MaxResults: 4 }));
    assert.equal(tables.Tables?.length, 4);
    const rest = await store.write.send(
      new ListTablesCommand({ DatabaseName: 'market', MaxResults: 4, NextToken: tables.NextToken }),
    );
    assert.equal(rest.Tables?.length, 2);
    await assert.rejects(store.write.send(new DeleteDatabaseCommand({ DatabaseName: 'other' })), {
      name: 'ValidationException',
    });
    await store.write.send(new DeleteTableCommand({ DatabaseName: 'other', TableName: 'figures' }));
    await store.write.send(new DeleteDatabaseCommand({ DatabaseName: 'other' }));
    await assert.rejects(store.write.send(new DescribeDatabaseCommand({ DatabaseName: 'other' })), {
      name: 'ResourceNotFoundException',
    });
    const endpoints = await store.write.send(new DescribeEndpointsCommand({}));
    assert.equal(endpoints.Endpoints?.[0]?.Address, store.timestream.endpoint.slice('http://'.length));
  });

  test('a bad name, a bad retention and a missing database are refused with their exceptions', async () => {
    await assert.rejects(store.write.send(new CreateDatabaseCommand({ DatabaseName: 'a b' })), {
      name: 'ValidationException',
    });
    await assert.rejects(
      store.write.send(
        new CreateTableCommand({
          DatabaseName: 'market',
          TableName: 'odd',
          RetentionProperties: {
            MemoryStoreRetentionPeriodInHours: 0,
            MagneticStoreRetentionPeriodInDays: 1,
          },
        }),
      ),
      { name: 'ValidationException' },
    );
    await assert.rejects(store.put('nowhere', [closeRecord('A', NOW_MS, 1)]), {
      name: 'ResourceNotFoundException',
    });
  });

  test('columns stand as dimensions, measure_name, time, measures, and nanoseconds survive', async () => {
    const record: _Record = {
      Dimensions: [{ Name: 'symbol', Value: 'BTCUSDT' }],
      MeasureName: 'trade',
      MeasureValueType: 'MULTI',
      MeasureValues: [
        { Name: 'price', Type: 'DOUBLE', Value: '61837.63' },
        { Name: 'trade_id', Type: 'BIGINT', Value: '9007199254740993' },
        { Name: 'is_buyer_maker', Type: 'BOOLEAN', Value: 'true' },
        { Name: 'source', Type: 'VARCHAR', Value: `it's "quoted" \\ \u0000x`.replace('\u0000', '') },
        { Name: 'seen', Type: 'TIMESTAMP', Value: String(BigInt(NOW_MS) * 1_000_000n + 7n) },
      ],
      Time: `${NOW_MS}123456`,
      TimeUnit: 'NANOSECONDS',
    };
    assert.deepEqual(await store.put('trades', [record]), { total: 1, memory: 1, magnetic: 0 });
    await store.put('trades', [
      { ...record, Dimensions: [...(record.Dimensions ?? []), { Name: 'venue', Value: 'x' }] },
    ]);
    const result = await store.result('SELECT * FROM "market"."trades" WHERE venue IS NULL');
    assert.deepEqual(
      result.columns.map(({ name, type }) => `${name} ${type}`),
      [
        'symbol VARCHAR',
        'venue VARCHAR',
        'measure_name VARCHAR',
        'time TIMESTAMP',
        'price DOUBLE',
        'trade_id BIGINT',
        'is_buyer_maker BOOLEAN',
        'source VARCHAR',
        'seen TIMESTAMP',
      ],
    );
    assert.deepEqual(result.rows, [
      [
        'BTCUSDT',
        null,
        'trade',
        '2024-08-09 00:00:00.000123456',
        61837.63,
        '9007199254740993',
        true,
        `it's "quoted" \\ x`,
        '2024-08-09 00:00:00.000000007',
      ],
    ]);
  });

  test('single-measure records are read through measure_value::type, common attributes are merged', async () => {
    const common: _Record = {
      Dimensions: [{ Name: 'host', Value: 'h1' }],
      MeasureName: 'cpu',
      MeasureValueType: 'DOUBLE',
      Time: String(NOW_MS),
    };
    await store.put(
      'signals',
      [
        { MeasureValue: '12.5' },
        { MeasureName: 'count', MeasureValue: '7', MeasureValueType: 'BIGINT' },
        { MeasureName: 'note', MeasureValue: 'x', MeasureValueType: 'VARCHAR' },
        { MeasureName: 'ok', MeasureValue: 'false', MeasureValueType: 'BOOLEAN' },
      ],
      common,
    );
    assert.deepEqual(
      await store.rows(
        'SELECT measure_name, measure_value::double, measure_value::bigint, measure_value::varchar, ' +
          'measure_value::boolean FROM "market"."signals" ORDER BY measure_name',
      ),
      [
        ['count', null, 7, null, null],
        ['cpu', 12.5, null, null, null],
        ['note', null, null, 'x', null],
        ['ok', null, null, null, false],
      ],
    );
    assert.deepEqual(await store.rows(`SHOW MEASURES FROM "market"."signals" LIKE 'c%'`), [
      ['cpu', 'double', '[{"dimension_name":"host","data_type":"varchar"}]'],
      ['count', 'bigint', '[{"dimension_name":"host","data_type":"varchar"}]'],
    ]);
    assert.deepEqual(await store.rows('DESCRIBE "market"."signals"'), [
      ['host', 'varchar', 'DIMENSION'],
      ['measure_name', 'varchar', 'MEASURE_NAME'],
      ['time', 'timestamp', 'TIMESTAMP'],
      ['measure_value::double', 'double', 'MEASURE_VALUE'],
      ['measure_value::bigint', 'bigint', 'MEASURE_VALUE'],
      ['measure_value::varchar', 'varchar', 'MEASURE_VALUE'],
      ['measure_value::boolean', 'boolean', 'MEASURE_VALUE'],
    ]);
  });

  // Versions as of today: minutes since 2026 times 2^40, far beyond what a number holds.
  const V = 517_000n * 2n ** 40n;
  for (const { name, version, close, verdict } of [
    { name: 'a higher version with other values', version: V + 3n, close: 2, verdict: 'written' },
    { name: 'a higher version with equal values', version: V + 3n, close: 1, verdict: 'written' },
    { name: 'an equal version with equal values', version: V + 1n, close: 1, verdict: 'kept' },
    { name: 'an equal version with other values', version: V + 1n, close: 2, verdict: 'rejected' },
    { name: 'a version that is one lower with other values', version: V, close: 2, verdict: 'rejected' },
    { name: 'a lower version with equal values', version: V, close: 1, verdict: 'kept' },
  ]) {
    test(`${name} is ${verdict}`, async () => {
      const symbol = name;
      const at = (v: bigint, value: number): _Record => ({
        ...closeRecord(symbol, NOW_MS, value),
        Version: exactInteger(String(v)),
      });
      await store.put('candles', [at(V + 1n, 1)]);
      const write = store.put('candles', [closeRecord('bystander', NOW_MS, 5), at(version, close)]);
      if (verdict === 'rejected') {
        await assert.rejects(write, (error) => {
          assert.ok(error instanceof RejectedRecordsException);
          assert.equal(error.$metadata.httpStatusCode, 419);
          assert.equal(error.RejectedRecords?.length, 1);
          assert.equal(error.RejectedRecords?.[0]?.RecordIndex, 1);
          assert.equal(String(error.RejectedRecords?.[0]?.ExistingVersion), String(V + 1n));
          return true;
        });
      } else assert.equal((await write).total, 2);
      const [row] = await store.rows(`SELECT close FROM "market"."candles" WHERE symbol = '${symbol}'`);
      assert.deepEqual(row, [verdict === 'written' ? close : 1]);
    });
  }

  test('records of one call are judged in their order, and what is not rejected is written', async () => {
    const records = [
      closeRecord('order', NOW_MS, 1, 5),
      closeRecord('order', NOW_MS, 2, 4),
      closeRecord('order', NOW_MS, 3, 6),
      closeRecord('order', NOW_MS + 1, 9, 1),
    ];
    await assert.rejects(store.put('candles', records), (error) => {
      assert.ok(error instanceof RejectedRecordsException);
      assert.deepEqual(
        error.RejectedRecords?.map(({ RecordIndex }) => RecordIndex),
        [1],
      );
      return true;
    });
    assert.deepEqual(
      await store.rows(`SELECT close FROM "market"."candles" WHERE symbol = 'order' ORDER BY time`),
      [[3], [9]],
    );
  });

  test('memory, magnetic and future follow the clock that is given, not the wall clock', async () => {
    const put = (timeMs: number): Promise<{ total: number; memory: number; magnetic: number }> =>
      store.put('candles', [closeRecord('clock', timeMs, 1)]);
    assert.deepEqual(await put(NOW_MS + 14 * 60_000), { total: 1, memory: 1, magnetic: 0 });
    assert.deepEqual(await put(NOW_MS - 25 * HOUR_MS), { total: 1, memory: 0, magnetic: 1 });
    for (const timeMs of [NOW_MS + 15 * 60_000, NOW_MS - 400 * 24 * HOUR_MS]) {
      await assert.rejects(put(timeMs), (error) => {
        assert.ok(error instanceof RejectedRecordsException);
        assert.match(error.RejectedRecords?.[0]?.Reason ?? '', /outside the time range/);
        assert.equal(error.RejectedRecords?.[0]?.ExistingVersion, undefined);
        return true;
      });
    }
    await store.write.send(new CreateTableCommand({ DatabaseName: 'market', TableName: 'memory_only' }));
    await assert.rejects(store.put('memory_only', [closeRecord('a', NOW_MS - 7 * HOUR_MS, 1)]), {
      name: 'RejectedRecordsException',
    });
  });

  test('retention removes rows when the clock has passed them', async () => {
    await store.put('quotes', [closeRecord('old', NOW_MS, 1)]);
    assert.deepEqual(await store.rows(`SELECT count(*) FROM "market"."quotes"`), [[1]]);
    nowMs = NOW_MS + 9 * 24 * HOUR_MS;
    await store.put('quotes', [closeRecord('new', nowMs, 1)]);
    assert.deepEqual(await store.rows(`SELECT symbol FROM "market"."quotes"`), [['new']]);
    nowMs = NOW_MS;
  });

  test('the limits of a call and of a record are held', async () => {
    const long = 'x'.repeat(2100);
    const base = closeRecord('limits', NOW_MS, 1);
    const rejected: readonly (readonly [RegExp, _Record])[] = [
      [/exceeds 2048 bytes/, { ...base, MeasureValues: [{ Name: 'note', Type: 'VARCHAR', Value: long }] }],
      [/exceeds 60 bytes/, { ...base, Dimensions: [{ Name: 'd'.repeat(61), Value: 'x' }] }],
      [/exceeds 256 bytes/, { ...base, MeasureName: 'm'.repeat(257) }],
      [/reserved/, { ...base, Dimensions: [{ Name: 'time', Value: 'x' }] }],
      [/reserved/, { ...base, MeasureValues: [{ Name: 'ts_x', Type: 'DOUBLE', Value: '1' }] }],
      [/not a valid DOUBLE/, { ...base, MeasureValues: [{ Name: 'close', Type: 'DOUBLE', Value: 'NaN' }] }],
      [
        /not a valid BIGINT/,
        { ...base, MeasureValues: [{ Name: 'n', Type: 'BIGINT', Value: '9223372036854775808' }] },
      ],
      [/has the type DOUBLE/, { ...base, MeasureValues: [{ Name: 'close', Type: 'BIGINT', Value: '1' }] }],
      [
        /already that of a measure/,
        {
          ...base,
          Dimensions: [{ Name: 'close', Value: '1' }],
          MeasureValues: [{ Name: 'open', Type: 'DOUBLE', Value: '1' }],
        },
      ],
      [/differs only in case/, { ...base, MeasureValues: [{ Name: 'Close', Type: 'DOUBLE', Value: '1' }] }],
    ];
    for (const [reason, record] of rejected) {
      await assert.rejects(store.put('candles', [record]), (error) => {
        assert.ok(error instanceof RejectedRecordsException, String(error));
        assert.match(error.RejectedRecords?.[0]?.Reason ?? '', reason);
        return true;
      });
    }
    const refused: readonly _Record[][] = [
      [],
      Array.from({ length: 101 }, (_, index) => closeRecord('many', NOW_MS + index, 1)),
      [{ ...base, Dimensions: [{ Name: 'symbol', Value: '' }] }],
      [{ ...base, Version: 0 }],
      [{ ...base, MeasureValues: [] }],
    ];
    for (const records of refused) {
      await assert.rejects(store.put('candles', records), { name: 'ValidationException' });
    }
    await assert.rejects(store.put('candles', [base], { Dimensions: [{ Name: 'symbol', Value: 'x' }] }), {
      name: 'ValidationException',
    });
  });

  test('concurrent calls all reach the table', async () => {
    const calls = Array.from({ length: 40 }, (_, call) =>
      store.put(
        'candles',
        Array.from({ length: 25 }, (__, index) =>
          closeRecord(`parallel${call % 4}`, NOW_MS - call * 1000 - index, call),
        ),
      ),
    );
    await Promise.all(calls);
    const [row] = await store.rows(`SELECT count(*) FROM "market"."candles" WHERE symbol LIKE 'parallel%'`);
    assert.deepEqual(row, [1000]);
  });

  test('a large answer comes in pages, every row once, and a token serves once', async () => {
    const records = Array.from({ length: 100 }, (_, index) => index);
    for (let call = 0; call < 25; call += 1) {
      await store.put(
        'spreads',
        records.map((index) => closeRecord('pages', NOW_MS - call * 100 - index, index)),
      );
    }
    const sql = 'SELECT to_milliseconds(time) FROM "market"."spreads"';
    const seen = new Set((await store.rows(sql)).map(([value]) => value));
    assert.equal(seen.size, 2500);
    const first = await store.query.send(new QueryCommand({ QueryString: sql, MaxRows: 7 }));
    assert.equal(first.Rows?.length, 7);
    const next = { QueryString: sql, MaxRows: 7, NextToken: first.NextToken };
    assert.equal((await store.query.send(new QueryCommand(next))).Rows?.length, 7);
    await assert.rejects(store.query.send(new QueryCommand(next)), { name: 'ValidationException' });
    await store.query.send(new CancelQueryCommand({ QueryId: first.QueryId }));
    await assert.rejects(
      store.query.send(
        new QueryCommand({ ...next, NextToken: Buffer.from(`${first.QueryId}.2`).toString('base64url') }),
      ),
      { name: 'ValidationException' },
    );
  });

  test('a table that nobody wrote to gives no rows, and an unknown column is named with its place', async () => {
    assert.deepEqual(await store.rows('SELECT measure_name, time FROM "market"."dead_letters"'), []);
    await assert.rejects(store.rows('SELECT symbol,\n  nope FROM "market"."candles"'), {
      name: 'ValidationException',
      message: "line 2:3: Column 'nope' does not exist",
    });
  });

  test('PrepareQuery tells the columns and runs nothing', async () => {
    const sql = 'SELECT symbol, 1 / 0, count(*) AS n FROM "market"."candles" GROUP BY symbol';
    const { Columns } = await store.query.send(
      new PrepareQueryCommand({ QueryString: sql, ValidateOnly: false }),
    );
    assert.deepEqual(
      Columns?.map(({ Name, Type }) => [Name, Type?.ScalarType]),
      [
        ['symbol', 'VARCHAR'],
        ['_col1', 'INTEGER'],
        ['n', 'BIGINT'],
      ],
    );
    await assert.rejects(store.query.send(new PrepareQueryCommand({ QueryString: 'SELECT nope(1)' })), {
      message: 'line 1:8: Function nope not registered',
    });
  });

  test('an operation that does not exist and a body that is no JSON are refused', async () => {
    for (const [target, body] of [
      ['Timestream_20181101.DropEverything', '{}'],
      ['Timestream_20181101.Query', '{"QueryString"'],
      ['Timestream_20181101.Query', '[1]'],
    ] as const) {
      const response = await fetch(store.timestream.endpoint, {
        method: 'POST',
        headers: { 'x-amz-target': target },
        body,
      });
      assert.equal(response.status, 400);
    }
  });
});
