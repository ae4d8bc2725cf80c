import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Thresholds, thresholdsFor } from '../../../shared/signals/thresholds.ts';
import { VolumeBaseline } from '../../../shared/signals/volume-baseline.ts';

const PANE = 10_000_000;
const THRESHOLDS: Thresholds = {
  ...thresholdsFor('BTCUSDT'),
  volumeBaselineHalfLifePanes: 1,
  volumeBaselineMinPanes: 2,
  volumeBaselineDeviations: 2,
  volumeBaselineRatio: 1,
};

function baseline(panes: readonly (readonly [number, number])[]): VolumeBaseline {
  const found = new VolumeBaseline(THRESHOLDS);
  for (const [pane, volume] of panes) found.add(pane * PANE, volume);
  return found;
}

describe('VolumeBaseline', () => {
  it('weighs the newest pane as the half-life says', () => {
    const found = baseline([
      [1, 4],
      [2, 8],
    ]);

    // Half-life one pane: mean 4 + 4/2, variance (1 - 1/2) × (0 + 16/2), threshold 6 + 2 × 2.
    assert.equal(found.mean, 6);
    assert.equal(found.threshold, 10);
    assert.ok(Number.isNaN(baseline([[1, 4]]).threshold), 'one pane is too short a history');
  });

  it('counts panes without a trade as zero', () => {
    const silent = baseline([
      [1, 8],
      [4, 8],
    ]);
    const told = baseline([
      [1, 8],
      [2, 0],
      [3, 0],
      [4, 8],
    ]);

    assert.deepEqual(silent.toState(), told.toState());
    assert.equal(silent.mean, 5);
  });

  it('leaves out the revision of a pane that it has taken in', () => {
    const once = baseline([
      [1, 4],
      [2, 8],
    ]);
    const revised = baseline([
      [1, 4],
      [2, 8],
      [2, 100],
      [1, 100],
    ]);

    assert.deepEqual(revised.toState(), once.toState());
  });

  it('ends a long silence in bounded time', () => {
    const found = baseline([
      [1, 4],
      [1e9, 8],
    ]);

    assert.ok(found.mean > 3.9 && found.mean < 4.1, String(found.mean));
  });

  it('goes on from its stored state as if it had never stopped', () => {
    const whole = baseline([
      [1, 4],
      [2, 9],
      [3, 2],
    ]);
    const again = new VolumeBaseline(THRESHOLDS);
    const before = baseline([
      [1, 4],
      [2, 9],
    ]);
    again.restore(before.toState());
    again.add(3 * PANE, 2);

    assert.deepEqual(again.toState(), whole.toState());
    assert.equal(again.threshold, whole.threshold);
  });
});
