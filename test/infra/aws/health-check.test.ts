import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'infra', 'aws', 'health-check.mjs');

/** The exit code of the check beside an ingest that answers so; without an answer nothing listens. */
async function check(answer?: { readonly code: number; readonly body: string }): Promise<number> {
  const server = createServer((request, response) => {
    assert.equal(request.url, '/health');
    response.writeHead(answer?.code ?? 500).end(answer?.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  if (answer === undefined) await new Promise((resolve) => server.close(resolve));
  const child = spawn(process.execPath, [SCRIPT], { env: { HEALTH_PORT: String(port) } });
  const [code] = await once(child, 'exit');
  server.close();
  return code;
}

describe('the health check of the image', () => {
  test('is well once every socket has been open, also while the exchange is away', async () => {
    const body = JSON.stringify({ status: 'degraded', ws_connected: false, ws_opened: true });
    assert.equal(await check({ code: 200, body }), 0);
  });

  test('is not well before the first connection, so that a release that cannot connect is taken back', async () => {
    const body = JSON.stringify({ status: 'degraded', ws_connected: false, ws_opened: false });
    assert.equal(await check({ code: 200, body }), 1);
  });

  test('is not well where ingest has failed, talks nonsense, or does not answer', async () => {
    assert.equal(await check({ code: 503, body: JSON.stringify({ ws_opened: true }) }), 1);
    assert.equal(await check({ code: 200, body: 'hello' }), 1);
    assert.equal(await check(), 1);
  });
});
