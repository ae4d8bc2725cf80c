import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { queryCommand, replayCommand, runCommand, temporaryFolder } from './run-command.ts';

const START_MS = Date.UTC(2024, 7, 8, 12);

/** A trade as the exchange sends it, with `fields` in place of its own. */
function trade(id: number, fields: Readonly<Record<string, unknown>> = {}): string {
  const timeMs = START_MS + id * 100;
  const data = {
    e: 'trade',
    E: timeMs,
    s: 'BTCUSDT',
    t: id,
    p: '100.50',
    q: '0.25',
    T: timeMs,
    m: false,
    M: true,
    ...fields,
  };
  return JSON.stringify({ stream: 'btcusdt@trade', data });
}

function quote(updateId: number, fields: Readonly<Record<string, unknown>> = {}): string {
  const data = { u: updateId, s: 'BTCUSDT', b: '100.4', B: '1', a: '100.6', A: '2', ...fields };
  return JSON.stringify({ stream: 'btcusdt@bookTicker', data });
}

/** Bad frames: each takes the place of the trade with its number, so that its id is missing. */
const BAD: readonly (readonly [reason: string, frame: (id: number) => string])[] = [
  ['NOT_JSON', (id) => `${trade(id).slice(0, -20)}`],
  ['NOT_JSON', () => '{"stream":"btcusdt@trade","data":{"e":"trade",,}}'],
  ['WRONG_TYPE', (id) => trade(id, { t: `${id}` })],
  ['WRONG_TYPE', (id) => trade(id, { p: 100.5 })],
  ['WRONG_TYPE', (id) => trade(id, { m: 'yes' })],
  ['WRONG_TYPE', () => '{"stream":"btcusdt@trade","data":[1,2,3]}'],
  ['UNKNOWN_EVENT', (id) => trade(id, { e: 'mystery' })],
  ['SYMBOL_NOT_KEY', (id) => trade(id, { s: 'ETHUSDT' })],
  ['NOT_POSITIVE', (id) => trade(id, { p: '0.00000000' })],
  ['NOT_POSITIVE', (id) => trade(id, { q: '0' })],
  ['NOT_POSITIVE', (id) => trade(id, { p: '-1.5' })],
  ['NOT_A_DECIMAL', (id) => trade(id, { p: '1e5' })],
  ['NOT_A_DECIMAL', (id) => trade(id, { p: 'NaN' })],
  ['ID_INVALID', (id) => trade(id + 0.5)],
  ['ID_INVALID', (id) => trade(id, { t: -id })],
  ['TIME_OFF', (id) => trade(id, { T: START_MS + 5 * 3_600_000 })],
  ['TIME_OFF', (id) => trade(id, { T: START_MS - 5 * 3_600_000 })],
  ['TIME_INVALID', (id) => trade(id, { T: 12 })],
  ['MISSING_FIELD', (id) => trade(id, { q: undefined })],
  ['CROSSED_QUOTE', (id) => quote(id, { b: '101', a: '100' })],
  ['NOT_POSITIVE', (id) => quote(id, { b: '0' })],
];

function line(number: number, frame: string): string {
  return `${START_MS + number * 100}000000 ${frame}`;
}

describe('bad input through the commands', () => {
  const root = temporaryFolder(after);

  it('every bad frame is a dead letter with its reason and its own bytes, and nothing after it is lost', async () => {
    const path = join(root, 'bad-frames');
    const lines: string[] = [];
    const bad: { reason: string; frame: string }[] = [];
    let id = 0;
    let good = 0;
    for (const [reason, frame] of BAD) {
      for (const isGood of [true, false, true]) {
        id += 1;
        lines.push(line(id, isGood ? trade(id) : frame(id)));
        if (isGood) good += 1;
        else bad.push({ reason, frame: frame(id) });
      }
      lines.push(line(id, quote(1_000 + id)));
    }
    // A line without a receive time: all of it is kept.
    lines.push('what is this?');
    bad.push({ reason: 'NOT_JSON', frame: 'what is this?' });
    writeFileSync(path, `${lines.join('\n')}\n`);

    const dir = join(root, 'bad');
    const summary = await replayCommand(path, '--data', dir);
    assert.equal(summary.frames, lines.length);
    assert.equal(summary.trades, good);
    assert.equal(summary.quotes, BAD.length);
    const byReason: Record<string, number> = {};
    for (const { reason } of bad) byReason[reason] = (byReason[reason] ?? 0) + 1;
    assert.deepEqual(summary.dead_letters, byReason);
    assert.equal(summary.missing_ids, BAD.length, 'each refused id, and that of each refused quote’s turn');
    const letters = await queryCommand(
      dir,
      'SELECT reason, sha256, size_bytes, payload FROM market.dead_letters',
    );
    const told = (reason: unknown, payload: string): string =>
      JSON.stringify([
        reason,
        payload,
        Buffer.byteLength(payload),
        createHash('sha256').update(payload).digest('hex'),
      ]);
    assert.deepEqual(
      letters
        .map((letter) => JSON.stringify([letter.reason, letter.payload, letter.size_bytes, letter.sha256]))
        .sort(),
      bad.map(({ reason, frame }) => told(reason, frame)).sort(),
    );
    const [rows] = await queryCommand(
      dir,
      'SELECT count(*) AS rows, max(trade_id) AS last FROM market.trades',
    );
    assert.deepEqual(rows, { rows: good, last: id });
    const [candle] = await queryCommand(
      dir,
      `SELECT trade_count, coverage, final FROM market.candles WHERE resolution = '15m'`,
    );
    assert.deepEqual(candle, { trade_count: good, coverage: 'gap', final: true });
  });

  it('a file that ends inside a line gives all before it and says where it ended', async () => {
    const path = join(root, 'cut-line');
    writeFileSync(path, `${line(1, trade(1))}\n${line(2, trade(2))}\n${line(3, trade(3)).slice(0, -30)}`);
    const { code, out, err } = await runCommand('replay', path, '--data', join(root, 'cut-line-data'));
    assert.equal(code, 0);
    const summary = JSON.parse(out);
    assert.deepEqual([summary.frames, summary.trades, summary.dead_letters], [3, 2, { NOT_JSON: 1 }]);
    assert.match(err, /cut-line ended early, at line 3: the last line is cut/);
  });

  it('a file without its last newline loses nothing', async () => {
    const path = join(root, 'no-newline');
    writeFileSync(path, `${line(1, trade(1))}\n${line(2, trade(2))}`);
    const { code, out, err } = await runCommand('replay', path, '--data', join(root, 'no-newline-data'));
    assert.deepEqual([code, err], [0, '']);
    assert.equal(JSON.parse(out).trades, 2);
  });

  it('a gzip that is cut in the middle gives what could be read and says where it ended', async () => {
    const path = join(root, 'cut.gz');
    const lines = Array.from({ length: 2_000 }, (_, at) =>
      line(at, trade(at, { p: `${100 + ((at * 7_919) % 1_000)}.${(at * 104_729) % 10_000}1` })),
    );
    const whole = gzipSync(lines.join('\n'));
    writeFileSync(path, whole.subarray(0, Math.floor(whole.length / 2)));
    const { code, out, err } = await runCommand('replay', path, '--data', join(root, 'cut-gz-data'));
    assert.equal(code, 0, err);
    const summary = JSON.parse(out);
    assert.ok(summary.trades > 100 && summary.trades < 2_000, out);
    assert.equal(summary.gaps, 0);
    assert.match(err, /cut\.gz ended early, at line \d+: /);
  });

  it('bytes that are no gzip behind that name, and what is no recording: one sentence each, exit 1', async () => {
    const cases: readonly (readonly [string, string | Buffer])[] = [
      ['broken.gz', Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(200, 7)])],
      ['prose.txt', 'This is a letter to a friend.\nIt has two lines.\n'],
      ['empty', ''],
      ['noise', Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 73) % 256))],
    ];
    for (const [name, content] of cases) {
      const path = join(root, name);
      const dir = join(root, `${name}-data`);
      writeFileSync(path, content);
      const { code, out, err } = await runCommand('replay', path, '--data', dir);
      assert.deepEqual([name, code, out], [name, 1, '']);
      assert.ok(err.includes(name) && !err.includes('    at '), err);
      assert.equal(existsSync(join(dir, 'log')), false, 'nothing was begun');
    }
  });

  it('a missing file, a wrong setting, an unknown flag: one sentence each', async () => {
    const missing = await runCommand('replay', join(root, 'nowhere'), '--data', join(root, 'n'));
    assert.deepEqual([missing.code, missing.out], [1, '']);
    assert.match(missing.err, /nowhere/);
    const path = join(root, 'good');
    writeFileSync(path, `${line(1, trade(1))}\n`);
    const wrong: readonly (readonly [RegExp, ...string[]])[] = [
      [/speed/, '--speed', 'fast'],
      [/symbols/i, '--symbols', 'btc/usdt'],
      [/streams/i, '--streams', 'depth'],
      [/--colour/, '--colour', 'red'],
    ];
    for (const [said, ...args] of wrong) {
      const { code, out, err } = await runCommand('replay', path, '--data', join(root, 'w'), ...args);
      assert.deepEqual([args[0], code, out], [args[0], 2, '']);
      assert.match(err, said);
      assert.ok(!err.includes('    at '), err);
    }
    const { code, err } = await runCommand('replay');
    assert.equal(code, 2);
    assert.match(err, /--help/);
  });

  it('a folder of another recording is refused, and the folder to use is named', async () => {
    const dir = join(root, 'claimed');
    const [one, other] = ['one', 'other'].map((name, at) => {
      const path = join(root, name);
      writeFileSync(path, `${line(at, trade(at))}\n`);
      return path;
    });
    await replayCommand(one ?? '', '--data', dir);
    const { code, err } = await runCommand('replay', other ?? '', '--data', dir);
    assert.equal(code, 1);
    assert.match(err, /holds a replay .*one.* not a replay .*other.*--data \.data\/replay\/[0-9a-f]{8}/);
  });
});
