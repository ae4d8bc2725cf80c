import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { askMsk } from '../../../../functions/adapters/kafka/ask-msk.ts';

test('MSK is asked over its own client, at the endpoint that the environment names', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${decodeURIComponent(request.url ?? '')}`);
    response.setHeader('content-type', 'application/json');
    response.end('{"bootstrapBrokerStringSaslIam":"b-1:9098,b-2:9098"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const names = ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
  const before = names.map((name) => [name, process.env[name]] as const);
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  process.env.AWS_ACCESS_KEY_ID = 'AKIAEXAMPLE';
  process.env.AWS_SECRET_ACCESS_KEY = 'secret';
  try {
    const arn = 'arn:aws:kafka:eu-west-1:123456789012:cluster/market/abc-1';
    const { BootstrapBrokerStringSaslIam } = await askMsk(arn);
    assert.equal(BootstrapBrokerStringSaslIam, 'b-1:9098,b-2:9098');
    assert.deepEqual(asked, [`GET /v1/clusters/${arn}/bootstrap-brokers`]);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    server.close();
  }
});
