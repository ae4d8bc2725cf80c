import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Percentiles } from '../../../shared/certificate/percentiles.ts';

test('percentiles are those of all samples, and of an even sample where there are very many', () => {
  assert.equal(new Percentiles().summary(), null);
  const few = new Percentiles();
  for (let value = 100; value >= 1; value -= 1) few.add(value);
  assert.deepEqual(few.summary(), { samples: 100, p50_ms: 50, p95_ms: 95, p99_ms: 99, max_ms: 100 });
  const many = new Percentiles();
  for (let value = 0; value < 2_000_000; value += 1) many.add(value);
  const summary = many.summary();
  assert.equal(summary?.samples, 2_000_000);
  assert.equal(summary.max_ms, 1_999_999);
  assert.ok(Math.abs(summary.p99_ms - 1_980_000) < 10);
});
