import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VirtualClock } from '../../shared/virtual-clock.ts';

describe('VirtualClock', () => {
  it('runs timers by due time, those due together in the order they were set, each at its time', () => {
    const clock = new VirtualClock(1_000);
    const ran: string[] = [];
    const note = (name: string) => () => ran.push(`${name} ${clock.nowUs()}`);
    clock.after(3, note('c'));
    clock.after(1, note('a'));
    clock.after(3, note('d'));
    clock.after(2, () => {
      note('b')();
      clock.after(0.5, note('b2'));
    });
    clock.advanceTo(4_000);
    assert.deepEqual(ran, ['a 2000', 'b 3000', 'b2 3500', 'c 4000', 'd 4000']);
    assert.equal(clock.pendingCount, 0);
  });

  it('forgets a cancelled timer, and cancelling one that has run does nothing', () => {
    const clock = new VirtualClock(0);
    let runs = 0;
    const timer = clock.after(1, () => runs++);
    const other = clock.after(1, () => runs++);
    timer.cancel();
    clock.advance(2);
    other.cancel();
    assert.equal(runs, 1);
  });

  it('never moves back, and after a jump runs what became due late', () => {
    const clock = new VirtualClock(0);
    let ranAt = 0;
    clock.after(1, () => {
      ranAt = clock.nowUs();
    });
    clock.jumpTo(9_000);
    clock.advanceTo(10_000);
    assert.equal(ranAt, 9_000);
    clock.advanceTo(5_000);
    assert.equal(clock.nowUs(), 10_000);
  });
});
