import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { recordings, skipWithoutRecordings } from '../../../recordings.ts';
import { run } from './command.ts';

const START_MS = Date.UTC(2024, 7, 8, 23, 45);
const RANGE = ['--symbol', 'BTCUSDT', '--from', '2024-08-08T23:45', '--to', '2024-08-09T00:15'];
const SQL = "SELECT * FROM market.candles WHERE symbol = 'BTCUSDT' AND final ORDER BY resolution, time";

let cwd = '';
before(() => {
  cwd = mkdtempSync(join(tmpdir(), 'rebuild-command-'));
});
after(() => rmSync(cwd, { recursive: true, force: true }));

/** A second's trade of BTCUSDT for each number. */
function lines(numbers: readonly number[]): string {
  return numbers
    .map((at) => {
      const time = START_MS + at * 1_000;
      const data = `{"e":"trade","E":${time},"s":"BTCUSDT","t":${1_000 + at},"p":"61837.12","q":"0.00100","T":${time},"m":true,"M":true}`;
      return `${time}000000 {"stream":"btcusdt@trade","data":${data}}\n`;
    })
    .join('');
}

async function rebuild(folder: string, ...more: readonly string[]) {
  const { code, out, err } = await run('rebuild', [...RANGE, '--data', folder, ...more], { cwd });
  return { code, err, report: out === '' ? undefined : JSON.parse(out) };
}

/** The final candles without what tells that they were rebuilt. */
async function candles(folder: string): Promise<Record<string, unknown>[]> {
  const { out } = await run('query', [SQL, '--format', 'json', '--data', folder], { cwd });
  return (JSON.parse(out) as Record<string, unknown>[]).map(
    ({ reason: _reason, revision: _revision, ...rest }) => rest,
  );
}

describe('the rebuild command', () => {
  test('says what is wrong with its arguments', async () => {
    for (const [args, said] of [
      [
        ['--symbol', 'BTCUSDT', '--from', '2024-08-08', '--to', '2024-08-09', 'one.txt'],
        /What is one\.txt\?.*--files/,
      ],
      [['--from', '2024-08-08', '--to', '2024-08-09'], /--symbol/],
      [['--symbol', 'BTCUSDT', '--from', '2024-08-09', '--to', '2024-08-08'], /later than --from/],
    ] as const) {
      const { code, err } = await run('rebuild', args, { cwd });
      assert.equal(code, 2);
      assert.match(err, said);
    }
  });

  test('folds several files into a folder whose feed missed a stretch of them', async () => {
    const all = Array.from({ length: 900 }, (_, at) => at);
    writeFileSync(join(cwd, 'seen.txt'), lines(all.filter((at) => at < 300 || at >= 500)));
    writeFileSync(join(cwd, 'first.txt'), lines(all.slice(0, 400)));
    writeFileSync(join(cwd, 'second.txt'), lines(all.slice(400)));
    writeFileSync(join(cwd, 'all.txt'), lines(all));
    await run('replay', ['seen.txt', '--data', 'missed'], { cwd });
    await run('replay', ['all.txt', '--data', 'right'], { cwd });
    const alone = await rebuild('missed', '--files', 'first.txt');
    assert.equal(alone.code, 1);
    assert.match(alone.err, /The files do not hold the trades/);
    const both = await rebuild('missed', '--files', 'first.txt', 'second.txt');
    assert.deepEqual([both.code, both.err, both.report.rows_written > 0], [0, '', true]);
    assert.deepEqual(await candles('missed'), await candles('right'));
    const again = await rebuild('missed', '--files', 'first.txt', 'second.txt');
    assert.deepEqual(
      [again.report.rows_written, again.report.panes_replaced, again.report.epoch],
      [0, 0, null],
    );
    const log = await rebuild('missed');
    assert.equal(log.code, 1);
    assert.match(log.err, /The log does not hold the trades/);
  });

  test('a recording changes nothing in the folder of its replay, and fills that of a cut one', {
    skip: skipWithoutRecordings,
  }, async () => {
    // Prepare
    const whole = join(recordings ?? '', 'binance-spot-2024-08-08', 'btcusdt_20240808.gz');
    const cut = gunzipSync(readFileSync(whole))
      .toString()
      .split('\n')
      .filter((line) => !(line.includes('@trade') && /^17231614[0-8]/.test(line)));
    writeFileSync(join(cwd, 'cut.txt'), cut.join('\n'));
    await run('replay', [whole, '--data', 'recorded'], { cwd });
    await run('replay', ['cut.txt', '--data', 'cut'], { cwd });
    // Act
    const untouched = await rebuild('recorded', '--files', whole);
    const filled = await rebuild('cut', '--files', whole);
    const again = await rebuild('cut', '--files', whole);
    // Assess
    assert.deepEqual([untouched.report.compared, untouched.report.rows_written], [95, 0]);
    assert.deepEqual([filled.report.rows_written, filled.report.panes_replaced], [36, 10]);
    assert.deepEqual([again.report.rows_written, again.report.panes_replaced], [0, 0]);
    assert.deepEqual(await candles('cut'), await candles('recorded'));
  });
});
