import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import type { RecordedItem } from '../../../../infra/local/recordings/recorded-item.ts';
import { openRecording, type Recording } from '../../../../infra/local/recordings/recording.ts';
import { recordings, skipWithoutRecordings } from '../../../recordings.ts';

const WATCHED = ['trade', 'aggTrade', 'bookTicker', 'kline_1m'];

async function all(recording: Recording): Promise<RecordedItem[]> {
  const items: RecordedItem[] = [];
  for await (const item of recording.items()) items.push(item);
  return items;
}

function frames(items: readonly RecordedItem[]): Extract<RecordedItem, { kind: 'frame' }>[] {
  return items.filter((item) => item.kind === 'frame');
}

function counts(items: readonly RecordedItem[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const item of items) found[item.kind] = (found[item.kind] ?? 0) + 1;
  return found;
}

/** The lines of a file by another way: whole in memory, cut by text functions. */
function plainLines(...path: string[]): string[] {
  const bytes = readFileSync(join(recordings ?? '', ...path));
  const text = (path.at(-1)?.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split('\n').filter((line) => line !== '');
}

interface Expected {
  readonly receivedUs: bigint;
  readonly frame: string;
  readonly stream: string;
}

function expectedFrames(lines: readonly string[]): Expected[] {
  return lines.flatMap((line) => {
    const match = /^(\d{10})(?:\.(\d+):|(\d{6})\d{3}) (\{.*\})$/.exec(line);
    const stream = /"stream":"([^"]+)"/.exec(match?.[4] ?? '')?.[1];
    if (match === null || stream === undefined || !WATCHED.includes(stream.split('@')[1] ?? '')) return [];
    const micros = match[3] ?? (match[2] ?? '').padEnd(6, '0').slice(0, 6);
    return [{ receivedUs: BigInt(`${match[1]}${micros}`), frame: match[4] ?? '', stream }];
  });
}

function assertSame(found: ReturnType<typeof frames>, expected: readonly Expected[]): void {
  assert.equal(found.length, expected.length);
  for (const [index, frame] of found.entries()) {
    const wanted = expected[index];
    assert.equal(BigInt(frame.receivedUs), wanted?.receivedUs);
    assert.equal(frame.bytes.toString('utf8'), wanted?.frame);
    assert.equal(`${frame.symbol.toLowerCase()}@${frame.stream}`, wanted?.stream);
  }
}

describe('the recordings', { skip: skipWithoutRecordings }, () => {
  const folder = recordings ?? '';

  it('gives every frame of 2024-08-08 byte for byte, two files merged by receive time', async () => {
    const recording = await openRecording([join(folder, 'binance-spot-2024-08-08')]);
    const items = await all(recording);
    assert.deepEqual(counts(items), { frame: 67_980, skipped: 6_885, 'not-frame': 2 });
    assert.deepEqual(recording.symbols, ['BTCUSDT', 'ETHUSDT']);
    assert.deepEqual(recording.streams, ['trade', 'bookTicker']);
    assert.deepEqual(recording.warnings, []);
    for (const symbol of ['btcusdt', 'ethusdt']) {
      const expected = expectedFrames(plainLines('binance-spot-2024-08-08', `${symbol}_20240808.gz`));
      assertSame(
        frames(items).filter((frame) => frame.symbol === symbol.toUpperCase()),
        expected,
      );
    }
    let lastUs = 0;
    for (const { receivedUs } of frames(items)) {
      assert.ok(receivedUs >= lastUs);
      lastUs = receivedUs;
    }
    const trades = frames(items).filter((frame) => frame.stream === 'trade' && frame.symbol === 'BTCUSDT');
    assert.equal(trades.length, 9_757);
    assert.equal(trades[0]?.receivedUs, 1_723_161_254_087_896);
    assert.equal(frames(items).at(-1)?.receivedUs, 1_723_161_599_999_231);
  });

  it('gives every frame of 2021-04-04 in the order of the file, its last line without a line end too', async () => {
    const recording = await openRecording([join(folder, 'binance-spot-2021-04-04', 'frames.0')]);
    const items = await all(recording);
    assert.deepEqual(counts(items), { frame: 2_028, skipped: 2_688, 'not-frame': 4 });
    assertSame(frames(items), expectedFrames(plainLines('binance-spot-2021-04-04', 'frames.0')));
    assert.equal(items.at(-1)?.place.line, 4_720);
    assert.equal(items.at(-1)?.kind, 'skipped');
    assert.deepEqual(recording.symbols.toSorted(), ['BTCUSDT', 'DOTUSDT', 'ETHUSDT']);
    assert.deepEqual(recording.streams, ['aggTrade', 'kline_1m']);
  });

  it('gives the quotes of pairs without a trade from the captures of illiquid pairs', async () => {
    const files = readdirSync(join(folder, 'binance-spot-smoke')).sort();
    const recording = await openRecording([join(folder, 'binance-spot-smoke')]);
    const expected = files.flatMap((file) => expectedFrames(plainLines('binance-spot-smoke', file)));
    assertSame(frames(await all(recording)), expected);
    assert.ok(recording.symbols.includes('BADGERBTC'));
  });

  it('makes of each CSV row the trade frame that its columns name, microseconds kept', async () => {
    const recording = await openRecording([join(folder, 'binance-spot-micros-2025-03-04')]);
    const found = frames(await all(recording));
    const rows = plainLines('binance-spot-micros-2025-03-04', 'trxusdt-trades.csv').slice(1);
    assert.equal(found.length, 10_000);
    for (const [index, row] of rows.entries()) {
      const [received, stream, e, E, T, s, t, p, q, m] = row.split(',');
      const frame = found[index];
      assert.equal(frame?.receivedUs, Number(received));
      assert.deepEqual(JSON.parse(frame?.bytes.toString() ?? ''), {
        stream,
        data: { e, E: Number(E), s, t: Number(t), p, q, T: Number(T), m: m === '1', M: true },
      });
    }
    assert.equal(
      found[0]?.bytes.toString(),
      '{"stream":"trxusdt@trade","data":{"e":"trade","E":1741046401271969,"s":"TRXUSDT","t":348656870,"p":"0.2312","q":"2619.4","T":1741046401271497,"m":true,"M":true}}',
    );
  });

  it('gives REST trades as their own bytes and each kline after the trades up to its end', async () => {
    const recording = await openRecording([join(folder, 'binance-rest-2020-09-27')], {
      symbols: ['BTCUSDT'],
    });
    const items = await all(recording);
    assert.deepEqual(counts(items), { 'rest-trade': 1_000, 'rest-kline': 7 });
    const text = readFileSync(join(folder, 'binance-rest-2020-09-27', 'trades.json'), 'utf8');
    const trades = items.flatMap((item) => (item.kind === 'rest-trade' ? [item] : []));
    assert.equal(`[${trades.map((item) => item.bytes.toString()).join(',')}]`, text.trim());
    const klines: unknown = JSON.parse(
      readFileSync(join(folder, 'binance-rest-2020-09-27', 'klines-1m.json'), 'utf8'),
    );
    const read = items.flatMap((item) => (item.kind === 'rest-kline' ? [item] : []));
    assert.deepEqual(
      read.map((item): unknown => JSON.parse(item.bytes.toString())),
      klines,
    );
    for (const kline of read) {
      const at = items.indexOf(kline);
      for (const [index, item] of items.entries()) {
        if (item.kind !== 'rest-trade') continue;
        assert.equal(index < at, item.receivedUs <= kline.receivedUs);
      }
    }
    assert.deepEqual(recording.streams, ['trade', 'kline_1m']);
  });

  it('refuses REST answers whose symbol neither the name nor the options tell', async () => {
    await assert.rejects(openRecording([join(folder, 'binance-rest-2020-09-27')]), {
      code: 'RECORDING_SYMBOL_UNKNOWN',
    });
  });

  it('counts what is not asked for as skipped', async () => {
    const path = join(folder, 'binance-spot-2024-08-08');
    const recording = await openRecording([path], { symbols: ['ethusdt'], streams: ['trade'] });
    const items = await all(recording);
    assert.deepEqual(counts(items), { frame: 6_106, skipped: 67_980 + 6_885 - 6_106, 'not-frame': 2 });
    const other = await openRecording([path]);
    assert.notEqual(recording.digest, other.digest);
    assert.match(other.digest, /^[0-9a-f]{64}$/);
    assert.equal(other.digest, (await openRecording([path])).digest);
  });

  it('reads plain text at 200,000 lines a second or more', async (context) => {
    const path = join(await mkdtemp(join(tmpdir(), 'recordings-')), 'plain');
    await writeFile(
      path,
      gunzipSync(readFileSync(join(folder, 'binance-spot-2024-08-08', 'btcusdt_20240808.gz'))),
    );
    const recording = await openRecording([path]);
    const from = performance.now();
    const lines = (await all(recording)).length;
    context.diagnostic(`${Math.round((lines / (performance.now() - from)) * 1000)} lines/s`);
    assert.equal(lines, 41_249);
    await rm(join(path, '..'), { recursive: true });
  });
});

describe('a damaged recording', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recordings-'));
  });
  after(() => rm(folder, { recursive: true }));

  const line = (index: number): string =>
    `${1_723_161_254_000_000_000n + BigInt(index) * 1_000_000n} {"stream":"btcusdt@trade","data":{"t":${index},"x":"${createHash('sha256').update(String(index)).digest('hex')}"}}`;
  const lines = Array.from({ length: 5_000 }, (_, index) => line(index));
  const write = async (name: string, content: string | Buffer): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  const ids = (items: readonly RecordedItem[]): unknown[] =>
    frames(items).map((frame): unknown => JSON.parse(frame.bytes.toString()).data.t);

  it('that is missing is refused by its name', async () => {
    await assert.rejects(openRecording([join(folder, 'nowhere')]), (error: Error) => {
      assert.match(error.message, /nowhere/);
      assert.equal('code' in error && error.code, 'RECORDING_MISSING');
      return true;
    });
  });

  it('of no known format is refused, in a folder left out', async () => {
    const path = await write('notes.txt', 'nothing to replay here\n');
    await assert.rejects(openRecording([path]), { code: 'RECORDING_FORMAT_UNKNOWN' });
    await assert.rejects(openRecording([await write('empty', '')]), { code: 'RECORDING_FORMAT_UNKNOWN' });
    await write('frames', `${line(0)}\n`);
    const recording = await openRecording([folder]);
    assert.equal((await all(recording)).length, 1);
    assert.equal(recording.warnings.filter((warning) => /notes\.txt was left out/.test(warning)).length, 1);
  });

  it('cut anywhere in its gzip gives every byte before the cut and says where it ended', async () => {
    const packed = gzipSync(`${lines.join('\n')}\n`);
    for (const share of [0.11, 0.5, 0.93, 0.9999]) {
      const path = await write('cut.gz', packed.subarray(0, Math.floor(packed.length * share)));
      const recording = await openRecording([path]);
      const items = await all(recording);
      const found = ids(items);
      assert.deepEqual(found, [...found.keys()]);
      assert.ok(found.length > 5_000 * (share - 0.02), `${found.length} frames of ${share}`);
      assert.match(
        recording.warnings.join(),
        new RegExp(`cut.gz ended early, at line ${items.length}: the gzip data is cut`),
      );
      assert.ok(items.slice(0, -1).every((item) => item.kind === 'frame'));
    }
  });

  it('corrupt inside its gzip gives every line before the fault', async () => {
    // Two members of stored blocks; in the second, the length of the fifth block no longer agrees with its check.
    const member = (of: readonly string[]): Buffer => gzipSync(`${of.join('\n')}\n`, { level: 0 });
    const start = member(lines.slice(0, 60));
    const packed = Buffer.concat([start, member(lines.slice(60))]);
    let at = start.length + 10;
    for (let block = 0; block < 4; block += 1) at += 5 + packed.readUInt16LE(at + 1);
    const broken = Buffer.from(packed);
    broken.writeUInt16LE(0, at + 3);
    const recording = await openRecording([await write('corrupt.gz', broken)]);
    const items = await all(recording);
    const before = gunzipSync(packed.subarray(0, at), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
    const whole = before.split('\n').length - 1;
    assert.ok(whole > 300 && whole < 5_000);
    assert.deepEqual(ids(items.slice(0, whole)), [...Array(whole).keys()]);
    assert.match(recording.warnings.join(), /corrupt\.gz ended early, at line \d+: the gzip data is corrupt/);
  });

  it('without its last newline gives the last line where it can be parsed', async () => {
    const whole = await openRecording([await write('whole', lines.slice(0, 3).join('\n'))]);
    assert.deepEqual(ids(await all(whole)), [0, 1, 2]);
    assert.deepEqual(whole.warnings, []);
    const half = await openRecording([await write('half', lines.slice(0, 3).join('\n').slice(0, -5))]);
    const items = await all(half);
    assert.deepEqual(counts(items), { frame: 2, unreadable: 1 });
    assert.match(half.warnings.join(), /half ended early, at line 3: the last line is cut/);
  });

  it('with bad lines between good ones loses none of the good ones', async () => {
    const text = [
      'no time at all',
      line(0),
      '',
      'wss://host/stream?streams=a <-> 12',
      '1723161254 nothing',
      line(1),
    ];
    text.push(
      '1723161254001000000 {"stream":"btcusdt@trade","data":{oops',
      '1723161254001000000 {oops',
      '1723161254001000000 {"a":1}',
    );
    text.push('1723161254001000000 {"data":{"t":7}, "stream":"btcusdt@trade"}', 'x'.repeat(100_000), line(2));
    const recording = await openRecording([await write('bad', `${text.join('\r\n')}\r\n`)]);
    const items = await all(recording);
    assert.deepEqual(
      items.map((item) => item.kind),
      [
        ...['unreadable', 'frame', 'not-frame', 'not-frame', 'unreadable', 'frame'],
        ...['frame', 'unreadable', 'not-frame', 'frame', 'unreadable', 'frame'],
      ],
    );
    const [first] = items;
    assert.equal(first?.kind === 'unreadable' && first.receivedUs, 1_723_161_254_000_000);
    assert.deepEqual(recording.warnings, []);
  });

  it('whose times step back keeps the order of the file and merges by the latest time seen', async () => {
    const at = (us: number, id: number): string =>
      `${Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')}: {"stream":"btcusdt@trade","data":{"t":${id}}}`;
    const one = await write('one', [at(10_000_005, 1), at(10_000_001, 2), at(10_000_009, 3)].join('\n'));
    const two = await write('two', [at(10_000_002, 4), at(10_000_005, 5), at(10_000_006, 6)].join('\n'));
    const recording = await openRecording([one, two]);
    assert.deepEqual(ids(await all(recording)), [4, 1, 2, 5, 6, 3]);
    assert.deepEqual(ids(await all(await openRecording([two, one]))), [4, 5, 1, 2, 6, 3]);
  });

  it('of REST answers takes the symbol from the name, and tells a cut array', async () => {
    const trade = (id: number): string =>
      `{"id":${id},"price":"1.0","qty":"2","time":${1_601_215_442_197 + id},"note":"[\\"]"}`;
    const text = `[ ${trade(1)} ,\n${trade(2)}, ${trade(3).slice(0, 20)}`;
    const recording = await openRecording([await write('ethbtc-trades.json', text)]);
    const items = await all(recording);
    assert.deepEqual(counts(items), { 'rest-trade': 2, unreadable: 1 });
    assert.deepEqual(recording.symbols, ['ETHBTC']);
    const [first] = items;
    assert.equal(first?.kind === 'rest-trade' && first.bytes.toString(), trade(1));
    assert.match(recording.warnings.join(), /ended early, at element 2: the JSON array is not closed/);
  });

  it('puts a kline after the trades of the same time, however the files are named', async () => {
    const inner = await mkdtemp(join(folder, 'rest-'));
    const trade = (id: number, time: number): string => `{"id":${id},"price":"1.0","qty":"2","time":${time}}`;
    const closeMs = 1_601_215_260_000;
    await writeFile(
      join(inner, 'ethbtc-trades.json'),
      `[${trade(1, closeMs - 5)},${trade(2, closeMs)},${trade(3, closeMs + 1)}]`,
    );
    await writeFile(
      join(inner, 'ethbtc-klines.json'),
      `[[${closeMs - 60_000},"1","1","1","1","2",${closeMs - 1},"2",1,"2","2","0"]]`,
    );
    const items = await all(await openRecording([inner]));
    assert.deepEqual(
      items.map((item) => item.kind),
      ['rest-trade', 'rest-trade', 'rest-kline', 'rest-trade'],
    );
  });

  it('of rows gives what does not fit as unreadable', async () => {
    const header =
      'TimestampOfReceive,Stream,EventType,EventTime,TransactionTime,Symbol,TradeId,Price,Quantity,IsBuyerMarketMaker,MUnknownParameter';
    const row =
      '1741046401272286,trxusdt@trade,trade,1741046401271969,1741046401271497,TRXUSDT,348656870,0.2312,2619.4,1,True';
    const text = [header, row, 'one,two', row.replace('348656870', 'abc'), row.slice(0, 80)].join('\n');
    const recording = await openRecording([await write('rows.csv', text)]);
    const items = await all(recording);
    assert.deepEqual(
      items.map((item) => item.kind),
      ['not-frame', 'frame', 'unreadable', 'frame', 'unreadable'],
    );
    assert.match(frames(items)[1]?.bytes.toString() ?? '', /"t":"abc"/);
    assert.match(recording.warnings.join(), /ended early, at line 5: the last row is cut/);
  });
});
