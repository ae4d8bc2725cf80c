import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseKafkaSettings } from '../../../shared/settings/kafka-settings.ts';

const ARN = 'arn:aws:kafka:eu-west-1:123456789012:cluster/market/abc-1';

function settings(env: Record<string, string>) {
  const parsed = parseKafkaSettings(env);
  assert.equal(parsed.kind, 'kafka', JSON.stringify(parsed));
  return parsed.kind === 'kafka' ? parsed.settings : undefined;
}

function faulty(env: Record<string, string>): readonly string[] {
  const parsed = parseKafkaSettings(env);
  assert.equal(parsed.kind, 'faults', JSON.stringify(parsed));
  return parsed.kind === 'faults' ? parsed.faults.map(({ name }) => name) : [];
}

test('without brokers there is no Kafka: the embedded log is used', () => {
  assert.deepEqual(parseKafkaSettings({}), { kind: 'none' });
  assert.deepEqual(parseKafkaSettings({ KAFKA_BOOTSTRAP_SERVERS: ' ', MSK_CLUSTER_ARN: '' }), {
    kind: 'none',
  });
});

test('servers alone give plain connections with zstd', () => {
  assert.deepEqual(settings({ KAFKA_BOOTSTRAP_SERVERS: 'a:9092, [::1]:9093' }), {
    brokers: { kind: 'servers', servers: ['a:9092', '[::1]:9093'] },
    security: { kind: 'plaintext' },
    clientId: 'market-monitor',
    compression: 'zstd',
    lingerMs: 3,
  });
});

test('an MSK cluster is reached by IAM in its own region, unless told otherwise', () => {
  assert.deepEqual(settings({ MSK_CLUSTER_ARN: ARN, AWS_REGION: 'us-east-1' })?.security, {
    kind: 'aws-msk-iam',
    region: 'eu-west-1',
  });
  assert.deepEqual(settings({ MSK_CLUSTER_ARN: ARN, KAFKA_SECURITY_PROTOCOL: 'PLAINTEXT' })?.security, {
    kind: 'plaintext',
  });
});

test('every kind of security is read', () => {
  const env = { KAFKA_BOOTSTRAP_SERVERS: 'a:9092', KAFKA_USERNAME: 'u', KAFKA_PASSWORD: 'p' };
  const secured = (protocol: string, mechanism = '') =>
    settings({
      ...env,
      KAFKA_SECURITY_PROTOCOL: protocol,
      KAFKA_SASL_MECHANISM: mechanism,
      AWS_REGION: 'r-1',
    })?.security;
  assert.deepEqual(secured('SSL'), { kind: 'tls' });
  assert.deepEqual(secured('SASL_SSL', 'SCRAM-SHA-512'), {
    kind: 'password',
    mechanism: 'scram-sha-512',
    tls: true,
    username: 'u',
    password: 'p',
  });
  assert.deepEqual(secured('SASL_PLAINTEXT', 'PLAIN'), {
    kind: 'password',
    mechanism: 'plain',
    tls: false,
    username: 'u',
    password: 'p',
  });
  assert.deepEqual(secured('SASL_SSL', 'AWS_MSK_IAM'), { kind: 'aws-msk-iam', region: 'r-1' });
});

test('each fault names the setting to change', () => {
  const servers = { KAFKA_BOOTSTRAP_SERVERS: 'a:9092' };
  assert.deepEqual(faulty({ ...servers, MSK_CLUSTER_ARN: ARN }), ['MSK_CLUSTER_ARN']);
  assert.deepEqual(faulty({ KAFKA_BOOTSTRAP_SERVERS: 'a:9092,b' }), ['KAFKA_BOOTSTRAP_SERVERS']);
  assert.deepEqual(faulty({ KAFKA_BOOTSTRAP_SERVERS: 'a:99999' }), ['KAFKA_BOOTSTRAP_SERVERS']);
  assert.deepEqual(faulty({ MSK_CLUSTER_ARN: 'arn:aws:s3:::x' }), ['MSK_CLUSTER_ARN']);
  assert.deepEqual(faulty({ ...servers, KAFKA_SECURITY_PROTOCOL: 'TLS' }), ['KAFKA_SECURITY_PROTOCOL']);
  assert.deepEqual(faulty({ ...servers, KAFKA_SECURITY_PROTOCOL: 'SASL_SSL' }), ['KAFKA_SASL_MECHANISM']);
  assert.deepEqual(
    faulty({ ...servers, KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512' }),
    ['KAFKA_USERNAME', 'KAFKA_PASSWORD'],
  );
  assert.deepEqual(
    faulty({ ...servers, KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT', KAFKA_SASL_MECHANISM: 'AWS_MSK_IAM' }),
    ['KAFKA_SECURITY_PROTOCOL'],
  );
  assert.deepEqual(
    faulty({ ...servers, KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_SASL_MECHANISM: 'AWS_MSK_IAM' }),
    ['AWS_REGION'],
  );
  assert.deepEqual(faulty({ ...servers, KAFKA_COMPRESSION: 'snappy' }), ['KAFKA_COMPRESSION']);
  assert.deepEqual(faulty({ ...servers, KAFKA_LINGER_MS: 'soon' }), ['KAFKA_LINGER_MS']);
});

test('no text in any setting makes the parser throw', () => {
  const names = ['KAFKA_BOOTSTRAP_SERVERS', 'MSK_CLUSTER_ARN', 'KAFKA_SECURITY_PROTOCOL', 'KAFKA_LINGER_MS'];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (env) => {
      assert.ok(['none', 'kafka', 'faults'].includes(parseKafkaSettings(env).kind));
    }),
  );
});
