import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plainPalette } from '../../../../infra/local/terminal/palette.ts';
import { ProgressLine, progressText } from '../../../../infra/local/terminal/progress-line.ts';
import { Screen } from '../../../../infra/local/terminal/screen.ts';
import { span } from '../../../../infra/local/terminal/span.ts';
import { VirtualClock } from '../../../../shared/virtual-clock.ts';

class FakeTerminal {
  columns = 60;
  rows = 10;
  writableNeedDrain = false;
  readonly writes: string[] = [];
  write(text: string): void {
    this.writes.push(text);
  }
}

describe('the screen of a terminal', () => {
  test('a frame is one write over the last one: nothing is cleared before it is drawn again', () => {
    const terminal = new FakeTerminal();
    const screen = new Screen(terminal, plainPalette);
    screen.draw([[span('one')], [span('two')]]);
    screen.draw([[span('three')]]);
    assert.equal(terminal.writes.length, 2);
    assert.equal(terminal.writes[1], '\u001b[?2026h\u001b[Hthree\u001b[K\u001b[J\u001b[?2026l');
    assert.doesNotMatch(terminal.writes.join(''), /\[2J/);
  });

  test('the cursor is hidden once and comes back with the screen before; the last frame stays', () => {
    const terminal = new FakeTerminal();
    const screen = new Screen(terminal, plainPalette);
    screen.draw([[span('one')]]);
    screen.draw([[span('two')]]);
    screen.close([[span('last')]]);
    screen.close([[span('never')]]);
    const all = terminal.writes.join('');
    assert.equal(all.split('\u001b[?25l').length, 2);
    assert.ok(all.endsWith('\u001b[?25h\u001b[?1049llast\n'));
  });

  test('a screen that never drew gives nothing back', () => {
    const terminal = new FakeTerminal();
    new Screen(terminal, plainPalette).close([[span('last')]]);
    assert.deepEqual(terminal.writes, []);
  });

  test('a terminal that does not keep up misses frames', () => {
    const terminal = new FakeTerminal();
    const screen = new Screen(terminal, plainPalette);
    terminal.writableNeedDrain = true;
    screen.draw([[span('one')]]);
    assert.deepEqual(terminal.writes, []);
  });
});

describe('the progress line of a replay', () => {
  const position = { frames: 250, totalFrames: 1_000, timeUs: 1_723_161_300_000_000 };

  test('fits the terminal and counts', () => {
    assert.match(progressText(position, 100), /^█+░+ {2}25 % {2}250 of 1,000 frames {2}2024-08-08 23:55:00$/);
    assert.ok(progressText(position, 30).length <= 30);
    assert.match(progressText({ ...position, totalFrames: 0 }, 100), /100 %/);
  });

  test('is drawn over itself until it is stopped, and wiped then', () => {
    const terminal = new FakeTerminal();
    const clock = new VirtualClock(0);
    const line = new ProgressLine(terminal, clock);
    line.follow(() => position);
    clock.advanceTo(1_000_000);
    assert.equal(terminal.writes.length, 5);
    assert.ok(terminal.writes.every((text) => text.startsWith('\r') && text.endsWith('\u001b[K')));
    line.stop();
    assert.equal(terminal.writes.at(-1), '\r\u001b[K');
    clock.advanceTo(2_000_000);
    assert.equal(terminal.writes.length, 6);
  });
});
