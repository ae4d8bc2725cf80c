import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DATABASE_FILE } from '../../../../infra/local/timestream/duck.ts';
import { closeRecord, startStore } from '../timestream/clients.ts';

const COMMAND = join(import.meta.dirname, '../../../../infra/local/cli/query.ts');
const TIME_MS = Date.UTC(2024, 7, 8, 23, 55);

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(cwd: string, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { ...process.env, DATA_DIR: undefined, TZ: 'America/New_York' };
    execFile(process.execPath, [COMMAND, ...args], { cwd, env }, (error, out, err) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, out, err });
    });
  });
}

describe('the query command', () => {
  let root = '';
  let data = '';

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'query-'));
    data = join(root, '.data', 'replay', 'abc');
    mkdirSync(data, { recursive: true });
    const store = await startStore({ dir: join(data, 'timestream'), nowMs: () => TIME_MS });
    await store.put('candles', [closeRecord('AAA', TIME_MS, 10.5), closeRecord('B"B', TIME_MS - 60_000, 2)]);
    await store.close();
  });
  after(() => rmSync(root, { recursive: true }));

  const SQL =
    'SELECT symbol, time, close, 9007199254740993 AS big, NULL AS none FROM market.candles ORDER BY symbol';

  test('json is one array of objects, however old the rows are', async () => {
    const { code, out, err } = await run(root, '--data', data, '--format', 'json', SQL);
    assert.deepEqual([code, err], [0, '']);
    assert.deepEqual(JSON.parse(out), [
      {
        symbol: 'AAA',
        time: '2024-08-08 23:55:00.000000000',
        close: 10.5,
        big: '9007199254740993',
        none: null,
      },
      { symbol: 'B"B', time: '2024-08-08 23:54:00.000000000', close: 2, big: '9007199254740993', none: null },
    ]);
  });

  test('csv and table', async () => {
    const csv = await run(root, '--data', data, '--format=csv', SQL);
    assert.equal(
      csv.out,
      'symbol,time,close,big,none\r\nAAA,2024-08-08 23:55:00.000000000,10.5,9007199254740993,\r\n' +
        '"B""B",2024-08-08 23:54:00.000000000,2,9007199254740993,\r\n',
    );
    const table = await run(
      root,
      '--data',
      data,
      'SELECT symbol, time, close FROM market.candles ORDER BY 1',
    );
    assert.equal(
      table.out,
      'symbol  time                 close\n------  -------------------  -----\n' +
        'AAA     2024-08-08 23:55:00   10.5\nB"B     2024-08-08 23:54:00      2\n\n2 rows\n',
    );
    assert.equal(
      (await run(root, '--data', data, '--format', 'json', 'SELECT 1 FROM market.quotes')).out,
      '[]\n',
    );
  });

  test('without --data the folder used last is taken, and said', async () => {
    const older = join(root, '.data', 'live', 'timestream');
    mkdirSync(older, { recursive: true });
    writeFileSync(join(older, DATABASE_FILE), '');
    utimesSync(join(older, DATABASE_FILE), 1000, 1000);
    const { code, out, err } = await run(
      root,
      '--format',
      'json',
      'SELECT count(*) AS n FROM market.candles',
    );
    assert.deepEqual(
      [code, err.trim(), JSON.parse(out)],
      [0, `Reading ${join('.data', 'replay', 'abc')}.`, [{ n: 2 }]],
    );
  });

  test('a running instance is asked; one that is gone is not waited for', async () => {
    const store = await startStore({ dir: join(data, 'timestream'), nowMs: () => TIME_MS });
    const instance = { pid: 1, timestreamEndpoint: store.timestream.endpoint };
    writeFileSync(join(data, 'instance.json'), JSON.stringify(instance));
    const running = await run(
      root,
      '--data',
      data,
      '--format',
      'json',
      'SELECT count(*) AS n FROM market.candles',
    );
    await store.close();
    assert.deepEqual([running.code, JSON.parse(running.out)], [0, [{ n: 2 }]]);
    const gone = await run(
      root,
      '--data',
      data,
      '--format',
      'json',
      'SELECT count(*) AS n FROM market.candles',
    );
    assert.deepEqual([gone.code, JSON.parse(gone.out)], [0, [{ n: 2 }]]);
  });

  for (const { name, args, code, message } of [
    { name: 'no SQL', args: [], code: 2, message: /Give the SQL/ },
    {
      name: 'an unknown format',
      args: ['--format', 'xml', 'SELECT 1'],
      code: 2,
      message: /xml is none of json, csv, table/,
    },
    { name: 'an unknown flag', args: ['--frmat', 'json', 'SELECT 1'], code: 2, message: /--frmat/ },
    {
      name: 'a missing folder',
      args: ['--data', 'nowhere', 'SELECT 1'],
      code: 1,
      message: /no folder nowhere/,
    },
    {
      name: 'a folder without a store',
      args: ['--data', '.', 'SELECT 1'],
      code: 1,
      message: /holds no store/,
    },
    {
      name: 'refused SQL',
      args: ['SELECT nope FROM market.candles'],
      code: 1,
      message: /line 1:8: Column 'nope' does not exist/,
    },
  ]) {
    test(`${name}: one clear message and exit code ${code}`, async () => {
      const outcome = await run(root, ...args);
      assert.equal(outcome.code, code);
      assert.match(outcome.err, message);
      assert.doesNotMatch(outcome.err, /\n\s+at /);
      assert.equal(outcome.out, '');
    });
  }

  test('--help tells what it does', async () => {
    const { code, out } = await run(root, '--help');
    assert.equal(code, 0);
    assert.match(out, /--format/);
  });
});
