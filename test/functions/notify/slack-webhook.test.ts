import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { SlackWebhook } from '../../../functions/notify/slack-webhook.ts';

const MESSAGE = { text: 'hello', blocks: [] };

async function receiver(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/services/T0/B0/secret`;
}

describe('the Slack webhook', () => {
  it('posts the message as JSON', async (context) => {
    let body = '';
    const url = await receiver(context, (request, response) => {
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => response.end('ok'));
    });

    assert.deepEqual(await new SlackWebhook().post(url, MESSAGE), { kind: 'posted' });
    assert.deepEqual(JSON.parse(body), MESSAGE);
  });

  for (const [status, headers, outcome] of [
    [429, { 'retry-after': '30' }, { kind: 'later', retryAfterMs: 30_000, why: 'status 429' }],
    [429, {}, { kind: 'later', retryAfterMs: null, why: 'status 429' }],
    [429, { 'retry-after': 'soon' }, { kind: 'later', retryAfterMs: null, why: 'status 429' }],
    [500, {}, { kind: 'later', retryAfterMs: null, why: 'status 500' }],
    [503, { 'retry-after': '2' }, { kind: 'later', retryAfterMs: 2000, why: 'status 503' }],
    [403, {}, { kind: 'refused', why: 'status 403' }],
    [404, {}, { kind: 'refused', why: 'status 404' }],
    [400, {}, { kind: 'refused', why: 'status 400' }],
  ] as const) {
    it(`turns ${status} with ${JSON.stringify(headers)} into "${outcome.kind}"`, async (context) => {
      const url = await receiver(context, (_, response) => {
        response.writeHead(status, headers);
        response.end('no');
      });

      assert.deepEqual(await new SlackWebhook().post(url, MESSAGE), outcome);
    });
  }

  it('knows that nothing was sent where no one listens', async (context) => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    void context;

    const outcome = await new SlackWebhook().post(`http://127.0.0.1:${port}/secret`, MESSAGE);
    assert.deepEqual(outcome, { kind: 'later', retryAfterMs: null, why: 'ECONNREFUSED' });
  });

  it('does not know what became of a post that was not answered or cut', async (context) => {
    const silent = await receiver(context, () => {});
    const cut = await receiver(context, (request) => request.socket.destroy());

    assert.deepEqual(await new SlackWebhook({ timeoutMs: 50 }).post(silent, MESSAGE), {
      kind: 'unknown',
      why: 'TimeoutError',
    });
    const outcome = await new SlackWebhook().post(cut, MESSAGE);
    assert.equal(outcome.kind, 'unknown');
    assert.ok(!JSON.stringify(outcome).includes('secret'));
  });
});
