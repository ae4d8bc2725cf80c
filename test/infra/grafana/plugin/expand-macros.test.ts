import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expandMacros } from './expand-macros.ts';

const CONTEXT = { fromMs: 1_500_376_552_001, toMs: 1_500_376_552_002, intervalMs: 60_000 };

// Cases of the plugin's own macros_test.go, and of its documentation.
const CASES: readonly (readonly [what: string, sql: string, expanded: string])[] = [
  [
    'the range as a condition',
    'SELECT average(value) FROM test AND $__timeFilter TIMESERIES',
    'SELECT average(value) FROM test AND time BETWEEN from_milliseconds(1500376552001) AND from_milliseconds(1500376552002) TIMESERIES',
  ],
  ['the interval as a duration', 'bin(time, $__interval_ms)', 'bin(time, 60000ms)'],
  ['the interval by its other name', 'bin(time, $__interval)', 'bin(time, 60000ms)'],
  ['the interval as a number', 'rate(input) * $__interval_raw_ms', 'rate(input) * 60000'],
  ['the beginning', 'time > from_milliseconds($__timeFrom)', 'time > from_milliseconds(1500376552001)'],
  ['the end', 'time < from_milliseconds($__timeTo)', 'time < from_milliseconds(1500376552002)'],
  [
    'every place',
    '$__timeFrom $__timeFrom $__interval_ms$__interval',
    '1500376552001 1500376552001 60000ms60000ms',
  ],
];

describe('the plugin’s macros', () => {
  for (const [what, sql, expanded] of CASES) {
    it(`expand ${what}`, () => assert.equal(expandMacros(sql, CONTEXT), expanded));
  }

  it('take names from the query, else from the datasource, and quote nothing', () => {
    const context = {
      ...CONTEXT,
      database: `\${ddd}`,
      table: '"table"',
      defaults: { database: '"ddb"', table: 'dtb', measure: 'measure' },
    };
    assert.equal(
      expandMacros("SELECT '$__measure' FROM $__database.$__table LIMIT 10", context),
      `SELECT 'measure' FROM "ddb"."table" LIMIT 10`,
    );
    assert.equal(expandMacros('FROM $__database.$__table', CONTEXT), 'FROM $__database.$__table');
  });

  it('cut milliseconds, and mark an interval of nothing', () => {
    assert.equal(expandMacros('$__timeFrom', { ...CONTEXT, fromMs: 12.9 }), '12');
    assert.equal(expandMacros('$__interval_ms', { ...CONTEXT, intervalMs: 0 }), '{!invalid interval=0s!}');
    assert.equal(expandMacros('$__now_ms', { ...CONTEXT, nowMs: 7 }), '7');
    assert.throws(() => expandMacros('$__intervalStr', CONTEXT), /removed/);
  });
});
