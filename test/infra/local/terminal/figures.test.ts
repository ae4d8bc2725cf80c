import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  dateTime,
  duration,
  elapsed,
  perSecond,
  price,
  progressBar,
  short,
  sparkline,
} from '../../../../infra/local/terminal/figures.ts';
import { RateMeter } from '../../../../infra/local/terminal/rate-meter.ts';
import { clipText, fitText, textWidth } from '../../../../infra/local/terminal/span.ts';

test('counts fit a narrow cell', () => {
  const shown = [0, 7, 999, 9_999, 12_345, 1_005_000, 7_890_000_000, 0.584, 6.789, 12.345, 0.00002].map(
    short,
  );
  assert.deepEqual(shown, [
    '0',
    '7',
    '999',
    '9999',
    '12.3k',
    '1.00M',
    '7.89B',
    '0.584',
    '6.79',
    '12.3',
    '2.0e-5',
  ]);
});

test('rates, prices, durations and times read well', () => {
  assert.deepEqual([perSecond(0), perSecond(17.46), perSecond(1_204.4)], ['0.0', '17.5', '1,204']);
  assert.deepEqual([price(61_837.1, 2), price(0.00000205, 8)], ['61,837.10', '0.00000205']);
  assert.deepEqual(
    [duration(14.2), duration(-1_300), duration(90_000), duration(7_200_000)],
    ['14 ms', '-1.3 s', '2 min', '2 h'],
  );
  assert.deepEqual([elapsed(753_000), elapsed(90_000_000)], ['00:12:33', '1 d 01:00:00']);
  assert.equal(dateTime(1_723_161_300_999_999), '2024-08-08 23:55:00');
});

test('a series is bars between its least and most; a flat one lies in the middle', () => {
  assert.equal(sparkline([1, 2, 8]), '▁▂█');
  assert.equal(sparkline([5, 5]), '▄▄');
  assert.equal(progressBar(0.5, 4), '██░░');
  assert.equal(progressBar(7, 4), '████');
});

test('wide characters take two cells, cut text ends in an ellipsis, control characters are spaces', () => {
  assert.equal(textWidth('币安USDT'), 8);
  assert.equal(clipText('币安人生USDT', 6), '币安…');
  assert.equal(clipText('a\u001b[2Jb', 9), 'a [2Jb');
  assert.deepEqual(
    [fitText('ab', 4), fitText('ab', 4, 'right'), fitText('abcdef', 4)],
    ['ab  ', '  ab', 'abc…'],
  );
});

test('a rate is that of the last five seconds', () => {
  const meter = new RateMeter();
  assert.equal(meter.rate(0, 0), 0);
  for (let second = 1; second <= 20; second += 1)
    assert.equal(meter.rate(second * 100, second * 1_000_000), 100);
  for (let second = 21; second <= 26; second += 1) meter.rate(2_000, second * 1_000_000);
  assert.equal(meter.rate(2_000, 27_000_000), 0);
});
