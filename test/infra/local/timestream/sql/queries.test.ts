import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { closeRecord, startStore, type TestStore } from '../clients.ts';

/** 2024-08-08 23:55:00 UTC. */
const START_MS = Date.UTC(2024, 7, 8, 23, 55);
const CANDLES = `"market"."candles"`;

/** Each query with its rows, worked out by hand: AAA closes at 10, 20, 40 in minutes 0, 1, 3; BBB at 5 in minute 0. */
const CASES: readonly (readonly [name: string, sql: string, rows: unknown[][]])[] = [
  ['a constant', 'SELECT 1', [[1]]],
  [
    'doubles keep all their digits',
    'SELECT 61837.63, 1e300, 1234567890.123456789',
    [[61837.63, 1e300, 1234567890.1234567]],
  ],
  [
    'a word that only DuckDB reserves is a name',
    'SELECT column AS "Some Name", at FROM (SELECT 1 AS column, 2 AS at)',
    [[1, 2]],
  ],
  ['a query may end with a semicolon', 'SELECT 1;', [[1]]],
  [
    'whole numbers divide to whole numbers, toward zero',
    'SELECT 5 / 2, -5 / 2, 5 / 2.0, 7 % 3',
    [[2, -2, 2.5, 1]],
  ],
  [
    'doubles divide by zero to infinity',
    'SELECT 1e0 / 0, -1.0 / 0, cast(NULL AS double) / 0',
    [['Infinity', '-Infinity', null]],
  ],
  [
    'the present by its other names',
    'SELECT current_timestamp = now(), current_date = date(now())',
    [[true, true]],
  ],
  [
    'windows that ignore missing values',
    'SELECT last_value(x) IGNORE NULLS OVER (ORDER BY i) FROM (VALUES (1, 5), (2, NULL)) AS t(i, x) ORDER BY i',
    [[5], [5]],
  ],
  [
    'formatted times',
    `SELECT date_format(from_milliseconds(${START_MS}), '%H:%i:%s'), format_datetime(from_milliseconds(${START_MS}), 'yyyy-MM-dd''T''HH:mm')`,
    [['23:55:00', '2024-08-08T23:55']],
  ],
  [
    'unnest with ordinality',
    'SELECT x, y FROM UNNEST(ARRAY[7, 8]) WITH ORDINALITY AS t(x, y)',
    [
      [7, 1],
      [8, 2],
    ],
  ],
  ['decimals are doubles', 'SELECT 0.1 + 0.2', [[0.1 + 0.2]]],
  ['a long whole number stays exact', 'SELECT 9007199254740993', [['9007199254740993']]],
  [
    'bin over a duration',
    `SELECT bin(time, 2m) AS b, count(*) FROM ${CANDLES} WHERE symbol = 'AAA' GROUP BY 1 ORDER BY 1`,
    [
      ['2024-08-08 23:54:00.000000000', 1],
      ['2024-08-08 23:56:00.000000000', 1],
      ['2024-08-08 23:58:00.000000000', 1],
    ],
  ],
  [
    'bin with the milliseconds of $__interval',
    `SELECT bin(time, 300000ms), sum(close) FROM ${CANDLES} GROUP BY 1`,
    [['2024-08-08 23:55:00.000000000', 75]],
  ],
  [
    'the time filter of Grafana',
    `SELECT close FROM ${CANDLES} WHERE time BETWEEN from_milliseconds(${START_MS + 60_000}) ` +
      `AND from_milliseconds(${START_MS + 180_000}) ORDER BY time`,
    [[20], [40]],
  ],
  ['ago and now', `SELECT count(*) FROM ${CANDLES} WHERE time > ago(1d) OR time > now() + 1h`, [[0]]],
  ['ago is the present less the duration', "SELECT date_diff('second', ago(15m), now())", [[900]]],
  [
    'milliseconds and nanoseconds there and back',
    'SELECT to_milliseconds(from_milliseconds(1723161255343)), to_nanoseconds(from_nanoseconds(1723161255343123457)), ' +
      "from_iso8601_timestamp('2024-08-08T23:54:15.343123Z'), from_iso8601_timestamp('2024-08-08T23:54:15+02:00')",
    [
      [
        1723161255343,
        '1723161255343123457',
        '2024-08-08 23:54:15.343123000',
        '2024-08-08 21:54:15.000000000',
      ],
    ],
  ],
  [
    'nanoseconds survive arithmetic',
    'SELECT from_nanoseconds(1723161255343123457) - 1m, 1s + from_nanoseconds(1723161255343123457), ' +
      "date_add('hour', 1, from_nanoseconds(1723161255343123457)), bin(from_nanoseconds(1723161255343123457), 1us)",
    [
      [
        '2024-08-08 23:53:15.343123457',
        '2024-08-08 23:54:16.343123457',
        '2024-08-09 00:54:15.343123457',
        '2024-08-08 23:54:15.343123000',
      ],
    ],
  ],
  [
    'date_trunc, date_diff and parts of a time',
    `SELECT date_trunc('hour', time), date_diff('minute', from_milliseconds(${START_MS - 600_000}), time), ` +
      `extract(hour from time), year(time), minute(time) FROM ${CANDLES} WHERE symbol = 'BBB'`,
    [['2024-08-08 23:00:00.000000000', 10, 23, 2024, 55]],
  ],
  [
    'interval literals of both spellings',
    `SELECT from_milliseconds(${START_MS}) + INTERVAL '1' DAY, from_milliseconds(${START_MS}) + 1mo`,
    [['2024-08-09 23:55:00.000000000', '2024-09-08 23:55:00.000000000']],
  ],
  [
    'max_by, min_by, approx_percentile, approx_distinct, count_if',
    `SELECT max_by(close, time), min_by(close, time), approx_percentile(close, 0.5), approx_distinct(symbol), ` +
      `count_if(close > 10) FROM ${CANDLES} WHERE symbol = 'AAA'`,
    [[40, 10, 20, 1, 2]],
  ],
  [
    'stddev is that of a sample',
    `SELECT stddev(close), stddev_pop(close), variance(close) FROM ${CANDLES} WHERE symbol = 'AAA' AND close < 30`,
    [[Math.sqrt(50), 5, 50]],
  ],
  [
    'the sum of whole numbers is BIGINT and divides as one',
    `SELECT sum(n), sum(n) / count(*) FROM (SELECT 7 AS n FROM ${CANDLES})`,
    [[28, 7]],
  ],
  [
    'windows: lag, lead, row_number, moving average',
    `SELECT close, lag(close) OVER w, lead(close, 1, 0e0) OVER w, row_number() OVER w, ` +
      `avg(close) OVER (PARTITION BY symbol ORDER BY time ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) ` +
      `FROM ${CANDLES} WHERE symbol = 'AAA' WINDOW w AS (PARTITION BY symbol ORDER BY time) ORDER BY time`,
    [
      [10, null, 20, 1, 10],
      [20, 10, 40, 2, 15],
      [40, 20, 0, 3, 30],
    ],
  ],
  [
    'a CTE, a join and a name in the case it was given',
    `WITH last AS (SELECT symbol, max(time) AS t FROM ${CANDLES} GROUP BY symbol) ` +
      `SELECT c.symbol, c.close AS "Close" FROM ${CANDLES} c JOIN last l ON c.symbol = l.symbol AND c.time = l.t ORDER BY 1`,
    [
      ['AAA', 40],
      ['BBB', 5],
    ],
  ],
  [
    'several symbols, UNION ALL, ORDER BY and LIMIT with OFFSET',
    `SELECT symbol, close FROM ${CANDLES} WHERE symbol IN ('AAA','BBB') UNION ALL SELECT 'CCC', 1.0 ORDER BY 2 DESC OFFSET 1 LIMIT 2`,
    [
      ['AAA', 20],
      ['AAA', 10],
    ],
  ],
  [
    'missing values stand last',
    'SELECT x FROM (VALUES (1), (NULL), (2)) AS t(x) ORDER BY x DESC',
    [[2], [1], [null]],
  ],
  [
    'conditions and conversions',
    "SELECT if(1 > 0, 'a', 'b'), coalesce(NULL, 2), nullif(1, 1), try_cast('x' AS double), cast('2.5' AS double), " +
      'CASE WHEN 1 = 1 THEN true ELSE false END, greatest(1, 3, 2)',
    [['a', 2, null, null, 2.5, true, 3]],
  ],
  [
    'text functions',
    "SELECT split_part('a:b', ':', 2), upper('x') || lower('Y'), regexp_like('abc', 'b.'), format('%.2f|%s', 1.5, 'x'), " +
      "json_extract_scalar('{\"a\":{\"b\":\"c\"}}', '$.a.b'), substr('hello', 2, 3), length('abc'), 'it''s'",
    [['b', 'Xy', true, '1.50|x', 'c', 'ell', 3, "it's"]],
  ],
  [
    'arrays and rows',
    'SELECT ARRAY[1, 2, 3], slice(ARRAY[1, 2, 3, 4], 2, 2), slice(ARRAY[1, 2, 3, 4], -2, 2), element_at(ARRAY[7, 8], -1), ' +
      "cardinality(ARRAY[1, 2]), ROW(1, 'x'), ARRAY[5, 6][1], contains(ARRAY[1, 2], 2)",
    [[[1, 2, 3], [2, 3], [3, 4], 8, 2, [1, 'x'], 5, true]],
  ],
  ['unnest of an array', 'SELECT v FROM (SELECT ARRAY[3, 4] AS a) CROSS JOIN UNNEST(a) AS t(v)', [[3], [4]]],
  [
    'unnest of two arrays side by side',
    'SELECT x, y FROM (SELECT ARRAY[1, 2] AS a, ARRAY[3] AS b) CROSS JOIN UNNEST(a, b) AS t(x, y)',
    [
      [1, 3],
      [2, null],
    ],
  ],
  [
    'a time series',
    `SELECT symbol, CREATE_TIME_SERIES(time, close) AS s FROM ${CANDLES} WHERE symbol = 'BBB' GROUP BY symbol`,
    [['BBB', [{ time: '2024-08-08 23:55:00.000000000', value: 5 }]]],
  ],
  [
    'unnest of a time series',
    `WITH s AS (SELECT CREATE_TIME_SERIES(time, close) AS series FROM ${CANDLES} WHERE symbol = 'AAA') ` +
      'SELECT at, v FROM s CROSS JOIN UNNEST(series) AS u(at, v) WHERE v > 10 ORDER BY 1',
    [
      ['2024-08-08 23:56:00.000000000', 20],
      ['2024-08-08 23:58:00.000000000', 40],
    ],
  ],
  [
    'linear interpolation fills minute 2 halfway and stays inside the series',
    `SELECT INTERPOLATE_LINEAR(CREATE_TIME_SERIES(time, close), SEQUENCE(min(time) - 1m, max(time) + 1m, 1m)) FROM ${CANDLES} WHERE symbol = 'AAA'`,
    [
      [
        [
          { time: '2024-08-08 23:55:00.000000000', value: 10 },
          { time: '2024-08-08 23:56:00.000000000', value: 20 },
          { time: '2024-08-08 23:57:00.000000000', value: 30 },
          { time: '2024-08-08 23:58:00.000000000', value: 40 },
        ],
      ],
    ],
  ],
  [
    'last observation carried forward, and a fill with a constant',
    `SELECT INTERPOLATE_LOCF(CREATE_TIME_SERIES(time, close), SEQUENCE(min(time) + 1m, max(time), 1m)), ` +
      `INTERPOLATE_FILL(CREATE_TIME_SERIES(time, close), SEQUENCE(min(time) + 1m, max(time), 1m), 0e0) FROM ${CANDLES} WHERE symbol = 'AAA'`,
    [
      [
        [
          { time: '2024-08-08 23:56:00.000000000', value: 20 },
          { time: '2024-08-08 23:57:00.000000000', value: 20 },
          { time: '2024-08-08 23:58:00.000000000', value: 40 },
        ],
        [
          { time: '2024-08-08 23:56:00.000000000', value: 20 },
          { time: '2024-08-08 23:57:00.000000000', value: 0 },
          { time: '2024-08-08 23:58:00.000000000', value: 40 },
        ],
      ],
    ],
  ],
  [
    'z-scores over a sliding window',
    `SELECT round((close - avg(close) OVER w) / nullif(stddev(close) OVER w, 0), 3) FROM ${CANDLES} WHERE symbol = 'AAA' ` +
      'WINDOW w AS (ORDER BY time ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) ORDER BY time',
    [[null], [Math.round(Math.SQRT1_2 * 1000) / 1000], [1.091]],
  ],
  ['show databases', 'SHOW DATABASES', [['market']]],
  ['show tables', `SHOW TABLES FROM "market" LIKE 'c%'`, [['candles']]],
];

/** SQL that must be refused, and what the refusal says. */
const REFUSED: readonly (readonly [sql: string, message: RegExp])[] = [
  [`SELECT * FROM read_csv('/etc/passwd')`, /read_csv is not supported/],
  [`SELECT * FROM '/etc/passwd'`, /Schema must be specified/],
  [`SELECT * FROM "x.parquet"`, /Schema must be specified/],
  [`SELECT read_text('/etc/passwd')`, /Function read_text not registered/],
  [`SELECT content FROM read_blob('/etc/passwd')`, /read_blob is not supported/],
  [`SELECT * FROM glob('*')`, /glob is not supported/],
  [`SELECT getenv('HOME')`, /Function getenv not registered/],
  [`SELECT * FROM duckdb_settings()`, /duckdb_settings is not supported/],
  [`SELECT current_setting('memory_limit')`, /current_setting not registered/],
  [`SELECT * FROM query('SELECT 1')`, /query is not supported/],
  [`SELECT * FROM query_table('x')`, /query_table is not supported/],
  [`SELECT main.read_text('x')`, /not registered/],
  [`SELECT * FROM _store.r1`, /Schema _store does not exist/],
  [`SELECT * FROM _store.catalogue`, /Schema _store does not exist/],
  [`SELECT _version FROM ${CANDLES}`, /Column '_version' does not exist/],
  [`SELECT nothing AS nothing FROM ${CANDLES} WHERE nothing > 1`, /Column 'nothing' does not exist/],
  [`SELECT * FROM information_schema.tables`, /Schema information_schema does not exist/],
  [`SELECT * FROM memory.market.candles`, /of a catalogue is not supported|does not exist/],
  [`COPY (SELECT 1) TO '/tmp/x'`, /only SELECT/],
  [`ATTACH '/tmp/x.db'`, /only SELECT|syntax error/],
  [`PRAGMA database_list`, /syntax error|only SELECT|not supported/],
  [`SET memory_limit = '1TB'`, /only SELECT|syntax error/],
  [`INSERT INTO ${CANDLES} VALUES (1)`, /only SELECT/],
  [`DELETE FROM ${CANDLES}`, /only SELECT/],
  [`DROP TABLE ${CANDLES}`, /only SELECT/],
  [`INSTALL httpfs`, /only SELECT|syntax error/],
  [`SELECT 1; DROP TABLE ${CANDLES}`, /mismatched input ';'/],
  [
    `WITH x AS (DELETE FROM ${CANDLES} RETURNING *) SELECT * FROM x`,
    /not supported|only SELECT|syntax error/,
  ],
  [`SELECT * FROM ${CANDLES} TABLESAMPLE 10%`, /not supported/],
  [`PIVOT ${CANDLES} ON symbol USING sum(close)`, /only SELECT/],
  [`SELECT * FROM (PIVOT ${CANDLES} ON symbol USING sum(close))`, /not supported|only SELECT/],
  [`SELECT close FROM ${CANDLES} QUALIFY row_number() OVER () = 1`, /QUALIFY is not supported/],
  [`SELECT 1 FROM ${CANDLES} ASOF JOIN ${CANDLES} c USING (time)`, /asof join is not supported/],
  [`SUMMARIZE ${CANDLES}`, /only SELECT/],
  [`SELECT * FROM (SUMMARIZE ${CANDLES})`, /not supported|syntax error/],
  [`SELECT * FROM (SHOW TABLES)`, /not supported|syntax error/],
  [`SELECT * FROM (DESCRIBE _store.r1)`, /not supported|does not exist/],
  [`SELECT 1 FROM ${CANDLES} USING SAMPLE 1`, /not supported/],
  [`DESCRIBE SELECT 1`, /does not exist|mismatched/],
  [`SHOW ALL TABLES`, /SHOW ALL is not supported/],
  [`FROM ${CANDLES} SELECT 1`, /only SELECT/],
  [`SELECT COLUMNS('x') FROM ${CANDLES}`, /not supported|not registered/],
  [
    `UNLOAD (SELECT 1) TO 's3://bucket'`,
    /only SELECT, SHOW and DESCRIBE statements are supported, not UNLOAD/,
  ],
  [`SELECT INTERPOLATE_SPLINE_CUBIC(1, 2)`, /Function interpolate_spline_cubic not registered/],
  [`SELECT * EXCLUDE (close) FROM ${CANDLES}`, /star with options is not supported/],
  [`SELECT $$x$$`, /unexpected character/],
  [`SELECT {'a': 1}`, /unexpected character/],
  [`SELECT 1::VARCHAR`, /mismatched input '::'/],
  [`SELECT ?`, /mismatched input/],
  [`SELECT cast(1 AS blob)`, /Unknown type: BLOB/],
  [`SELECT no_such_function(1)`, /line 1:8: Function no_such_function not registered/],
  [`SELECT 5q`, /'5q' is no duration/],
  [`SELECT bin(now(), 5ns)`, /below a microsecond/],
  [`SELECT 'unclosed`, /line 1:8: the quote is not closed/],
  [`SELECT * FROM "market"."nothing"`, /Table market.nothing does not exist/],
  [`SELECT * FROM candles`, /Schema must be specified/],
  [`SELECT frm FRM x y`, /syntax error/],
  [`SHOW TABLES FROM nowhere`, /Schema nowhere does not exist/],
  [``, /empty/],
  [`SELECT 1 / (SELECT 0)`, /Division by zero/],
  [`SELECT 1 % 0`, /Division by zero/],
  [`SELECT date_format(now(), symbol) FROM ${CANDLES}`, /this format of date_format is not supported/],
];

describe('SQL of Timestream on the local store', () => {
  let store: TestStore;

  before(async () => {
    store = await startStore({ nowMs: () => START_MS + 600_000 });
    await store.put('candles', [
      closeRecord('AAA', START_MS, 10),
      closeRecord('AAA', START_MS + 60_000, 20),
      closeRecord('AAA', START_MS + 180_000, 40),
      closeRecord('BBB', START_MS, 5),
    ]);
  });
  after(() => store.close());

  for (const [name, sql, rows] of CASES) {
    test(name, async () => assert.deepEqual(await store.rows(sql), rows));
  }
  for (const [sql, message] of REFUSED) {
    test(`refuses ${sql || 'nothing at all'}`, async () => {
      await assert.rejects(store.rows(sql), (error) => {
        assert.ok(error instanceof Error);
        assert.equal(error.name, 'ValidationException');
        assert.match(error.message, message);
        return true;
      });
    });
  }

  test('after every attack the rows are still there', async () => {
    assert.deepEqual(await store.rows(`SELECT count(*) FROM ${CANDLES}`), [[4]]);
  });
});
