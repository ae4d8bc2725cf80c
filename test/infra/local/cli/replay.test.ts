import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run } from './command.ts';

const START_MS = 1_723_161_300_000;

/** Recorded lines of one symbol: a trade every 100 ms. */
function lines(count: number, symbol = 'BTCUSDT'): string {
  return Array.from({ length: count }, (_, at) => {
    const time = START_MS + at * 100;
    const data = `{"e":"trade","E":${time},"s":"${symbol}","t":${1_000 + at},"p":"61837.12","q":"0.00100","T":${time},"m":true,"M":true}`;
    return `${time}000000 {"stream":"${symbol.toLowerCase()}@trade","data":${data}}\n`;
  }).join('');
}

let cwd = '';
before(() => {
  cwd = mkdtempSync(join(tmpdir(), 'replay-command-'));
  writeFileSync(join(cwd, 'one.txt'), lines(50));
  writeFileSync(join(cwd, 'other.txt'), lines(20, 'ETHUSDT'));
  writeFileSync(join(cwd, 'cut.txt'), lines(20).slice(0, -40));
  writeFileSync(
    join(cwd, 'trades.json'),
    '[{"id":1,"price":"1","qty":"1","quoteQty":"1","time":1601215500000,"isBuyerMaker":true,"isBestMatch":true}]',
  );
  mkdirSync(join(cwd, 'empty'));
});
after(() => rmSync(cwd, { recursive: true, force: true }));

describe('the replay command', () => {
  test('prints the summary as its last line, alone on stdout, and ends with 0', async () => {
    const { code, out, err } = await run('replay', ['one.txt', '--data', 'one'], { cwd });
    assert.deepEqual([code, err], [0, '']);
    assert.equal(out.trimEnd().split('\n').length, 1);
    const { frames, trades, gaps, dead_letters, rows } = JSON.parse(out);
    assert.deepEqual([frames, trades, gaps, dead_letters, rows.trades], [50, 50, 0, {}, 50]);
  });

  test('a finished folder only reports; --again feeds it a second time and counts duplicates', async () => {
    const reported = await run('replay', ['one.txt', '--data', 'one'], { cwd });
    assert.deepEqual(
      [reported.code, JSON.parse(reported.out).frames, JSON.parse(reported.out).duplicates],
      [0, 50, 0],
    );
    const again = await run('replay', ['one.txt', '--data', 'one', '--again'], { cwd });
    assert.deepEqual(
      [again.code, JSON.parse(again.out).frames, JSON.parse(again.out).duplicates],
      [0, 100, 50],
    );
  });

  test('npm start -- --recording ends by itself with the same summary', async () => {
    const { code, out, err } = await run(
      'start',
      ['--recording', 'one.txt', '--speed', 'max', '--data', 'seen'],
      { cwd },
    );
    assert.deepEqual([code, err], [0, '']);
    const shown = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const summary = shown.at(-1);
    assert.deepEqual([summary.frames, summary.trades, summary.rows.trades], [50, 50, 50]);
    const status = shown.findLast(({ event }) => event === 'status');
    assert.deepEqual(
      [status.status, status.progress.frames, status.progress.total_frames],
      ['finished', 50, 50],
    );
  });

  test('without --data the folder is named after the recording', async () => {
    const { code } = await run('replay', ['other.txt'], { cwd });
    assert.equal(code, 0);
    const status = await run('status', [], { cwd });
    assert.match(status.out, /^Nothing runs on \.data\/replay\/[0-9a-f]{8}\./);
  });

  test('a file that was cut gives what could be read', async () => {
    const { code, out } = await run('replay', ['cut.txt', '--data', 'cut'], { cwd });
    assert.equal(code, 0);
    assert.equal(JSON.parse(out).trades, 19);
  });

  for (const [name, args, code, message] of [
    ['no path', [], 2, /Name at least one file or folder/],
    ['a missing path', ['nowhere.gz'], 1, /nowhere\.gz/],
    ['a folder without recordings', ['empty'], 1, /empty/],
    [
      'a bad speed',
      ['one.txt', '--speed', 'fast'],
      2,
      /--speed is "fast"; allowed: max, or a number above 0/,
    ],
    ['a bad symbol', ['one.txt', '--symbols', 'BTC/USDT'], 2, /--symbols is "BTC\/USDT"; allowed:/],
    ['an unknown flag', ['one.txt', '--sped', '2'], 2, /--sped.*See --help/],
    [
      'a folder of another recording',
      ['other.txt', '--data', 'one'],
      1,
      /one holds a replay \(one\.txt\), not a replay \(other\.txt\)\. Use another folder, such as --data \.data\/replay\/[0-9a-f]{8}\./,
    ],
    ['a REST file without a symbol', ['trades.json'], 1, /trades\.json.*--symbols/s],
  ] as const) {
    test(`${name}: one clear message and exit code ${code}`, async () => {
      const outcome = await run('replay', args, { cwd });
      assert.deepEqual([outcome.code, outcome.out], [code, '']);
      assert.match(outcome.err, message);
      assert.doesNotMatch(outcome.err, /\n\s+at /);
    });
  }

  test('--help tells every flag', async () => {
    const { code, out } = await run('replay', ['--help'], { cwd });
    assert.equal(code, 0);
    for (const flag of ['--speed', '--data', '--symbols', '--streams', '--again'])
      assert.ok(out.includes(flag), flag);
  });
});
