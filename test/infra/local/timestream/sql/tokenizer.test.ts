import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ServiceError } from '../../../../../infra/local/timestream/service-error.ts';
import { duckText } from '../../../../../infra/local/timestream/sql/duck-text.ts';
import { type Token, tokenize } from '../../../../../infra/local/timestream/sql/tokenizer.ts';

test('names, quoted names, texts, numbers, durations and symbols are told apart', () => {
  assert.deepEqual(
    tokenize(`SELECT "a""b", 'it''s' /* x */ , 1.5e3, 15m, a>=b -- end`).map(
      ({ kind, value }) => `${kind} ${value}`,
    ),
    [
      'name SELECT',
      'quotedName a"b',
      'symbol ,',
      `text it's`,
      'symbol ,',
      'number 1.5e3',
      'symbol ,',
      'duration 15m',
      'symbol ,',
      'name a',
      'symbol >=',
      'name b',
    ],
  );
});

test('any text gives tokens or a ValidationException, never anything else', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        "'",
        '"',
        "''",
        '""',
        '--',
        '/*',
        '*/',
        '\n',
        '$$',
        ';',
        '\\',
        '1m',
        'measure_value::double',
      ),
    ),
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      const sql = parts.join('');
      try {
        duckText(sql, tokenize(sql));
      } catch (error) {
        assert.ok(error instanceof ServiceError, String(error));
        assert.equal(error.kind, 'ValidationException');
      }
    }),
    { numRuns: 2000 },
  );
});

test('a text of any content stays one text on the way to DuckDB', () => {
  const content = fc.string({
    unit: fc.constantFrom("'", '"', '\\', ';', '-', '$', '/', '*', 'a', '\n', '{'),
  });
  fc.assert(
    fc.property(content, (text) => {
      const sql = `SELECT '${text.replaceAll("'", "''")}'`;
      const translated = duckText(sql, tokenize(sql)).sql;
      const tokens: readonly Token[] = tokenize(translated);
      assert.deepEqual(
        tokens.map(({ kind, value }) => [kind, value]),
        [
          ['name', 'SELECT'],
          ['text', text],
        ],
      );
    }),
    { numRuns: 1000 },
  );
});
