import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DYNAMODB_PRICES, monthlyCost, readUnitsOf, writeUnitsOf } from '../../bench/dynamodb-cost.ts';

test('units are counted per started KB of writing and 4 KB of reading', () => {
  assert.deepEqual([0, 1, 1_024, 1_025, 4_096].map(writeUnitsOf), [1, 1, 1, 2, 4]);
  assert.deepEqual([0, 4_096, 4_097].map(readUnitsOf), [1, 1, 2]);
});

test('a month costs 730 times the hour, and a week of it is stored', () => {
  const prices = { ...DYNAMODB_PRICES, perMillionWrites: 1, perMillionReads: 0.5, perGbMonth: 0.25 };
  const nothing = { writeUnits: 0, readUnits: 0, storedBytes: 0 };
  assert.equal(monthlyCost({ ...nothing, writeUnits: 1_000_000 }, prices), 730);
  assert.equal(monthlyCost({ ...nothing, readUnits: 1_000_000 }, prices), 365);
  assert.equal(monthlyCost({ ...nothing, storedBytes: 2 ** 30 }, prices), 42);
});
