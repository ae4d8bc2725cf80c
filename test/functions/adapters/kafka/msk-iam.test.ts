import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { generateAuthToken } from 'aws-msk-iam-sasl-signer-js';
import { createKafkaClient } from '../../../../functions/adapters/kafka/kafka-client.ts';

const KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;
const before = new Map<string, string | undefined>();

beforeEach(() => {
  for (const key of KEYS) before.set(key, process.env[key]);
  process.env.AWS_ACCESS_KEY_ID = 'AKIAEXAMPLE';
  process.env.AWS_SECRET_ACCESS_KEY = 'secret';
  delete process.env.AWS_SESSION_TOKEN;
});
afterEach(() => {
  for (const [key, value] of before) {
    if (value === undefined) delete process.env[key];
    else process.env[key] = value;
  }
});

test('the signer gives a signed address of the region for kafka-cluster:Connect, valid for 15 minutes', async () => {
  const { token, expiryTime } = await generateAuthToken({ region: 'eu-west-1' });
  assert.match(token, /^[\w-]+$/);
  const url = new URL(Buffer.from(token, 'base64url').toString());
  assert.equal(url.host, 'kafka.eu-west-1.amazonaws.com');
  assert.equal(url.searchParams.get('Action'), 'kafka-cluster:Connect');
  assert.equal(url.searchParams.get('X-Amz-Expires'), '900');
  assert.match(
    String(url.searchParams.get('X-Amz-Credential')),
    /^AKIAEXAMPLE\/\d{8}\/eu-west-1\/kafka-cluster\//,
  );
  assert.match(String(url.searchParams.get('X-Amz-Signature')), /^[\da-f]{64}$/);
  const leftMs = expiryTime - Date.now();
  assert.ok(leftMs > 800_000 && leftMs <= 900_000, String(leftMs));
});

test('with IAM a connection begins with TLS', async () => {
  const greeting = new Promise<number>((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (bytes) => {
        resolve(bytes[0] ?? -1);
        socket.destroy();
        server.close();
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      const kafka = createKafkaClient(
        {
          brokers: { kind: 'servers', servers: [] },
          security: { kind: 'aws-msk-iam', region: 'eu-west-1' },
          clientId: 'test',
          compression: 'zstd',
          lingerMs: 0,
        },
        [`127.0.0.1:${port}`],
        { iamToken: async () => 'token' },
      );
      const admin = kafka.admin({ retry: { retries: 0 } });
      admin.connect().catch(() => {});
    });
  });
  // 22: a TLS handshake record.
  assert.equal(await greeting, 22);
});
