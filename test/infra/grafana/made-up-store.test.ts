import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { timestreamRowWriter } from '../../../functions/adapters/timestream/row-writer.ts';
import { deadLetterRow } from '../../../functions/dead-letter/dead-letter-row.ts';
import { COLUMNS } from '../../../shared/columns.ts';
import { startStore, type TestStore } from '../local/timestream/clients.ts';
import { EXPECTED_COLUMNS, WHOLE_ROWS } from './expected-columns.ts';
import { candle, plainRow, signal, spread } from './plain-rows.ts';
import {
  alertQueries,
  asJson,
  dashboardQueries,
  type FoundQuery,
  generated,
  listOf,
  queryAt,
  sentSql,
  type View,
} from './queries.ts';

const NOW = Date.parse('2024-08-09T00:00:00Z');
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const HOUR: View = { fromMs: NOW - 60 * MINUTE, toMs: NOW };
const WEEK: View = { fromMs: NOW - 7 * DAY, toMs: NOW };

const queries = [...dashboardQueries(), ...alertQueries()];
let store: TestStore;

before(async () => {
  store = await startStore({ nowMs: () => NOW });
  const outcome = await timestreamRowWriter(
    { client: store.write, sleep: async () => {}, random: () => 0 },
    { database: 'market' },
  ).write(rows());
  assert.deepEqual(outcome.refused, []);
});
after(() => store.close());

function rows() {
  const week = Array.from({ length: 7 * 96 }, (_, index) => NOW - 7 * DAY + index * 15 * MINUTE);
  const minutes = Array.from({ length: 7 * 1440 }, (_, index) => NOW - 7 * DAY + index * MINUTE);
  const halves = [0, 1, 2, 7, 8].map((index) => NOW - 10 * MINUTE + index * MINUTE);
  return [
    ...week.map((timeMs, index) => candle('WEEKUSDT', '15m', timeMs, 100 + index)),
    ...minutes.map((timeMs) => candle('WEEKUSDT', '1m', timeMs, 100)),
    ...halves.map((timeMs) =>
      candle('HOLEUSDT', '1m', timeMs, 50, { coverage: 'gap', audit: 'unwitnessed' }),
    ),
    ...halves.map((timeMs) => candle('HOLEUSDT', '10s', timeMs, 50, { whale_count: 2, volume_spike: true })),
    ...halves.map((timeMs, index) =>
      candle('HOLEUSDT', '2m/10s', timeMs, 50, index === 2 ? { close: 20 } : {}),
    ),
    spread('HOLEUSDT', NOW - MINUTE, { spread_warning: true, max_spread_bps: 25 }),
    spread('WEEKUSDT', NOW - MINUTE),
    signal('HOLEUSDT', 'wide-spread', NOW - MINUTE),
    signal('HOLEUSDT', 'whale', NOW - 2 * MINUTE, { severity: 'info' }),
    signal("O'DD", 'whale', NOW - 2 * MINUTE, { severity: 'critical' }),
    plainRow('trades', NOW - MINUTE, { symbol: 'HOLEUSDT' }, { latency_ms: 12, source: 'live' }),
    plainRow('trades', NOW - MINUTE + 1, { symbol: 'HOLEUSDT' }, { source: 'backfill' }),
    deadLetterRow({
      reason: 'NOT_JSON',
      error: 'The text is not JSON.',
      topic: 'binance.raw.trades',
      partition: 2,
      offset: 15,
      key: 'HOLEUSDT',
      receivedMs: NOW - MINUTE,
      refusedMs: NOW,
      attempts: 1,
      payload: Buffer.from('{"cut'),
    }),
  ];
}

const ask = (query: FoundQuery, view: View) => store.result(sentSql(query, view));
const answer = async (place: string, view: View) => (await ask(queryAt(place), view)).rows;

describe('every query of the dashboards and alerts', () => {
  it('is named in the test, and none besides', () => {
    assert.deepEqual(
      queries.map(({ place }) => place).sort(),
      [...Object.keys(EXPECTED_COLUMNS), ...WHOLE_ROWS].sort(),
    );
  });

  const views: Readonly<Record<string, View>> = {
    'every symbol': HOUR,
    'one symbol': { ...HOUR, symbol: ['HOLEUSDT'] },
    'a repeated panel’s symbol, which comes as plain text': { ...HOUR, symbol: 'HOLEUSDT' },
    'several symbols': { ...HOUR, symbol: ['HOLEUSDT', 'WEEKUSDT'] },
    'a symbol with a quote in it': { ...HOUR, symbol: ["O'DD"] },
    'a chosen resolution': { ...HOUR, resolution: '5m' },
    'a range without a row': { fromMs: 0, toMs: HOUR.fromMs / 2 },
    'seven days': WEEK,
  };
  for (const [what, view] of Object.entries(views)) {
    it(`gives its columns for ${what}`, async () => {
      for (const query of queries) {
        if (WHOLE_ROWS.includes(query.place)) continue;
        const { columns } = await ask(query, view);
        const told = columns.map(({ name, type }) => `${name}:${type}`).join(' ');
        assert.equal(told, EXPECTED_COLUMNS[query.place], query.place);
      }
    });
  }

  it('gives whole rows of dead letters with the columns that the table is known to have', async () => {
    const names = [
      'time',
      'measure_name',
      ...COLUMNS.dead_letters.dimensions,
      ...Object.keys(COLUMNS.dead_letters.measures),
    ];
    const { columns, rows: letters } = await ask(queryAt('pipeline 55 A'), HOUR);
    assert.deepEqual(columns.map(({ name }) => name).sort(), names.sort());
    assert.equal(letters.length, 1);
  });

  it('gives no rows, or counts of nothing, for a range without a row', async () => {
    for (const query of queries) {
      const { rows: found } = await ask(query, { fromMs: 0, toMs: HOUR.fromMs / 2 });
      const isEmpty = found.length === 0 || found.flat().every((value) => value === null || value === 0);
      assert.ok(isEmpty, `${query.place}: ${JSON.stringify(found[0])}`);
    }
  });

  it('gives series in ascending time, which the plugin asks for', async () => {
    for (const query of queries.filter(({ format, place }) => format === 1 && !place.startsWith('alert'))) {
      const { columns, rows: found } = await ask(query, WEEK);
      assert.deepEqual(columns[0], { name: 'time', type: 'TIMESTAMP' }, query.place);
      const times = found.map(([time]) => String(time));
      assert.deepEqual(times, times.toSorted(), query.place);
    }
  });

  it('gives no more points of seven days than a panel has room for', async () => {
    for (const query of queries) {
      if (query.panel === null) continue;
      const { columns, rows: found } = await ask(query, { ...WEEK, symbol: 'WEEKUSDT' });
      if (columns[0]?.type !== 'TIMESTAMP') continue;
      assert.ok(found.length <= query.panel.maxPoints * 1.5, `${query.place}: ${found.length} points`);
    }
    assert.equal((await answer('market 11 A', { ...WEEK, symbol: 'WEEKUSDT' })).length, 336);
  });
});

describe('bars', () => {
  it('are whole windows merged, as many in each, and leave out the one that the range begins in', async () => {
    const view = { ...WEEK, fromMs: WEEK.fromMs + MINUTE, symbol: 'WEEKUSDT', intervalMs: 1_200_000 };
    const bars = await answer('market 11 A', view);
    // 20 minutes are no multiple of the 15 minutes of the windows: bars are 30 minutes long.
    assert.deepEqual(bars[0], ['2024-08-02 00:30:00.000000000', 102, 105, 101, 104, 16, 102.5, null]);
    assert.equal(bars.length, 335);
    const volume = await answer('market 12 A', view);
    assert.deepEqual(volume[0], ['2024-08-02 00:30:00.000000000', 12, 4]);
  });

  it('do not bridge a hole: an empty point ends the line, and no bar stands in it', async () => {
    const view = { ...HOUR, symbol: 'HOLEUSDT', resolution: '1m', intervalMs: 10_000 };
    const found = (await answer('market 11 A', view)).map(([time, open]) => [
      String(time).slice(11, 16),
      open,
    ]);
    assert.deepEqual(found, [
      ['23:50', 50],
      ['23:51', 50],
      ['23:52', 50],
      ['23:53', null],
      ['23:57', 50],
      ['23:58', 50],
    ]);
    const coverage = await answer('market 15 A', view);
    assert.deepEqual(
      coverage.map(([time, word, audit]) => [String(time).slice(11, 16), word, audit]),
      ['23:50', '23:51', '23:52', '23:57', '23:58'].map((time) => [time, 'gap', 'unwitnessed']),
    );
  });
});

describe('figures of the risk monitor and of pipeline health', () => {
  it('count signals by severity and by kind, and mark them', async () => {
    assert.deepEqual(await answer('risk 1 A', HOUR), [[1, 1, 1]]);
    assert.deepEqual(await answer('risk 1 A', { ...HOUR, symbol: ["O'DD"] }), [[1, 0, 0]]);
    const kinds = (await answer('risk 2 A', HOUR)).map(([, kind, count]) => [kind, count]);
    assert.deepEqual(kinds, [
      ['whale', 2],
      ['wide-spread', 1],
    ]);
    const [mark] = await answer('market annotation Signals', { ...HOUR, symbol: ['HOLEUSDT'] });
    assert.deepEqual(mark, [
      '2024-08-08 23:59:00.000000000',
      'wide-spread HOLEUSDT',
      '6.0 against 2.0, open',
      'warning,wide-spread,HOLEUSDT',
    ]);
  });

  it('tell the z-score that is farthest from zero, whichever its sign', async () => {
    const [score] = await answer('risk 5 A', { ...HOUR, symbol: ['HOLEUSDT'], intervalMs: 60 * MINUTE });
    assert.equal(score?.[2], -600);
  });

  it('tell the worst coverage and audit of a symbol', async () => {
    const found = await answer('market 2 A', { ...HOUR, symbol: ['HOLEUSDT'], intervalMs: MINUTE });
    assert.deepEqual(found[0]?.slice(-3), ['gap', 5, 'unwitnessed']);
  });

  it('tell sources and dead letters apart', async () => {
    const sources = (await answer('pipeline 34 A', HOUR)).map(([, source, count]) => [source, count]);
    assert.deepEqual(sources.sort(), [
      ['backfill', 1],
      ['live', 1],
    ]);
    assert.deepEqual(await answer('pipeline 1 C', HOUR), [[1]]);
  });

  it('offer the symbols that have trades or quotes', async () => {
    assert.deepEqual(await answer('market variable symbol', HOUR), [['HOLEUSDT'], ['WEEKUSDT']]);
  });
});

describe('the alert rules', () => {
  /** Labels of the series whose last value is above the rule's threshold: what Grafana's steps B and C do. */
  async function firing(uid: string): Promise<readonly unknown[]> {
    const rule = listOf(listOf(generated('alerting/rules.json').groups)[0]?.rules).find(
      (one) => one.uid === uid,
    );
    const [query, , threshold] = listOf(rule?.data);
    const range = asJson(query?.relativeTimeRange);
    const condition = asJson(listOf(asJson(threshold?.model).conditions)[0]?.evaluator);
    const [limit] = Array.isArray(condition.params) ? condition.params : [];
    assert.equal(condition.type, 'gt');
    const view = { fromMs: NOW - Number(range.from) * 1000, toMs: NOW };
    const series = await answer(`alert ${uid}`, view);
    return series
      .filter(([, points]) => Array.isArray(points) && points.at(-1).value > Number(limit))
      .map(([label]) => label);
  }

  it('fire for what is above the threshold, and for nothing else', async () => {
    assert.deepEqual(await firing('cmm-spread'), ['HOLEUSDT']);
    assert.deepEqual(await firing('cmm-volatility'), []);
    // The rows are years old by the wall clock, which is what now() says.
    assert.deepEqual(await firing('cmm-freshness'), ['store']);
  });
});

describe('a store that is new', () => {
  let fresh: TestStore;
  before(async () => {
    fresh = await startStore({ nowMs: () => NOW });
    const writer = timestreamRowWriter({ client: fresh.write, sleep: async () => {}, random: () => 0 });
    await writer.write([candle('BTCUSDT', '1m', NOW - MINUTE, 100), spread('BTCUSDT', NOW - MINUTE)]);
  });
  after(() => fresh.close());

  it('is enough for every query but those of signals and trades, whose columns come with their first row', async () => {
    const failing: string[] = [];
    for (const query of queries) {
      try {
        await fresh.result(sentSql(query, HOUR));
      } catch (error) {
        assert.match(String(error), /Column '\w+' does not exist/, query.place);
        failing.push(`${query.place} ${query.table}`);
      }
    }
    const tables = queries.filter(({ table }) => table === '"signals"' || table === '"trades"');
    assert.deepEqual(
      failing,
      tables.map(({ place, table }) => `${place} ${table}`),
    );
  });
});
