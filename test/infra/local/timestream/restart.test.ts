import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { TimestreamWriteClient, WriteRecordsCommand } from '@aws-sdk/client-timestream-write';
import { ensureStore } from '../../../../functions/adapters/timestream/ensure-store.ts';
import { closeRecord, startStore } from './clients.ts';

const COMMAND = join(import.meta.dirname, '../../../../infra/local/cli/timestream.ts');

describe('the data of the local Timestream', () => {
  let dir = '';

  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'timestream-'));
  });
  after(() => rmSync(dir, { recursive: true }));

  test('what was answered is there after SIGKILL, and versions are judged against it', async () => {
    const nowMs = Date.now();
    const { server, endpoint } = await startCommand(dir);
    const client = new TimestreamWriteClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    await ensureStore(client);
    await ensureStore(client);
    const sent: number[] = [];
    for (let call = 0; call < 20; call += 1) {
      await client.send(
        new WriteRecordsCommand({
          DatabaseName: 'market',
          TableName: 'candles',
          Records: [closeRecord('kept', nowMs + call, call, 5)],
        }),
      );
      sent.push(call);
    }
    client.destroy();
    server.kill('SIGKILL');
    await once(server, 'exit');

    const store = await startStore({ dir });
    try {
      const rows = await store.rows(`SELECT close FROM "market"."candles" ORDER BY time`);
      assert.deepEqual(rows.flat(), sent);
      assert.equal((await store.put('candles', [closeRecord('kept', nowMs, 0, 5)])).total, 1);
      await assert.rejects(store.put('candles', [closeRecord('kept', nowMs + 1, 77, 5)]), {
        name: 'RejectedRecordsException',
      });
      await assert.rejects(store.put('candles', [closeRecord('kept', nowMs + 2, 77, 4)]), {
        name: 'RejectedRecordsException',
      });
      await assert.rejects(store.put('candles', [closeRecord('kept', nowMs + 19, 77, 5)]), {
        name: 'RejectedRecordsException',
      });
      await store.put('candles', [closeRecord('kept', nowMs + 3, 77, 6)]);
      const after77 = await store.rows(`SELECT close FROM "market"."candles" ORDER BY time LIMIT 4`);
      assert.deepEqual(after77.flat(), [0, 1, 2, 77]);
    } finally {
      await store.close();
    }
  });

  test('a folder that is open in another process is refused by code, and can be read again afterwards', async (context) => {
    const { server } = await startCommand(dir);
    context.after(() => server.kill('SIGKILL'));
    await assert.rejects(startStore({ dir }), { code: 'TIMESTREAM_FOLDER_IN_USE' });
    await assert.rejects(startStore({ dir, readOnly: true }), { code: 'TIMESTREAM_FOLDER_IN_USE' });
    server.kill('SIGTERM');
    const [code] = await once(server, 'exit');
    assert.equal(code, 0);
    const store = await startStore({ dir, readOnly: true });
    context.after(() => store.close());
    assert.deepEqual(await store.rows('SELECT count(*) FROM market.candles'), [[20]]);
    await assert.rejects(store.put('candles', [closeRecord('x', Date.now(), 1)]), {
      name: 'ValidationException',
    });
  });

  test('a read-only start where there is nothing, and a taken port, are told by code', async (context) => {
    await assert.rejects(startStore({ dir: join(dir, 'nothing'), readOnly: true }), {
      code: 'TIMESTREAM_NO_DATABASE',
    });
    const store = await startStore();
    context.after(() => store.close());
    await assert.rejects(startStore({ port: store.timestream.port }), { code: 'TIMESTREAM_PORT_TAKEN' });
  });

  test('a query without end is ended, and the next one is answered', async (context) => {
    const store = await startStore({ queryTimeoutMs: 200 });
    context.after(() => store.close());
    const thousand = 'SELECT x FROM UNNEST(SEQUENCE(1, 100000)) AS t(x)';
    await assert.rejects(
      store.rows(
        `SELECT count(*) FROM (${thousand}) a, (${thousand}) b, (${thousand}) c WHERE a.x + b.x + c.x < 0`,
      ),
      { name: 'ValidationException', message: 'The query took longer than 0.2 s and was ended.' },
    );
    assert.deepEqual(await store.rows('SELECT 1'), [[1]]);
  });
});

async function startCommand(dir: string): Promise<{ server: ChildProcess; endpoint: string }> {
  const server = spawn(process.execPath, [COMMAND, '--port', '0', '--data', dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [greeting] = await once(server.stdout, 'data');
  const endpoint = /http:\S+\d/.exec(String(greeting))?.[0];
  assert.ok(endpoint !== undefined, `the command said ${greeting}`);
  return { server, endpoint };
}
