import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { backoffMs } from '../../../functions/ingest/backoff.ts';

describe('backoffMs', () => {
  it('doubles up to the maximum, less up to a half by chance, and never goes below the minimum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, chance) => {
          const limits = { minMs: 1_000, maxMs: 60_000 };
          const full = Math.min(60_000, 1_000 * 2 ** Math.min(attempt, 30));
          const delayMs = backoffMs(attempt, limits, () => chance);
          assert.ok(delayMs >= 1_000 && delayMs >= full / 2 && delayMs <= full, `${delayMs}`);
        },
      ),
    );
  });

  it('spreads many monitors over half of the wait', () => {
    const limits = { minMs: 1_000, maxMs: 60_000 };
    assert.equal(
      backoffMs(9, limits, () => 0),
      60_000,
    );
    assert.equal(
      backoffMs(9, limits, () => 0.5),
      45_000,
    );
  });
});
