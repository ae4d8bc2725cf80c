import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootstrapBrokers } from '../../../../functions/adapters/kafka/bootstrap-brokers.ts';
import type { KafkaSecurity } from '../../../../shared/settings/kafka-settings.ts';

const settings = (security: KafkaSecurity) =>
  ({
    brokers: { kind: 'msk', clusterArn: 'arn:aws:kafka:eu-west-1:123456789012:cluster/market/abc-1' },
    security,
    clientId: 'test',
    compression: 'zstd',
    lingerMs: 3,
  }) as const;
const IAM = settings({ kind: 'aws-msk-iam', region: 'eu-west-1' });

test('MSK is asked for the brokers that fit the security', async () => {
  const answer = async () => ({
    BootstrapBrokerString: 'p1:9092,p2:9092',
    BootstrapBrokerStringTls: 't:9094',
    BootstrapBrokerStringSaslScram: 's:9096',
    BootstrapBrokerStringSaslIam: 'i1:9098,i2:9098',
  });
  assert.deepEqual(await bootstrapBrokers(IAM, answer), ['i1:9098', 'i2:9098']);
  assert.deepEqual(await bootstrapBrokers(settings({ kind: 'plaintext' }), answer), ['p1:9092', 'p2:9092']);
  assert.deepEqual(await bootstrapBrokers(settings({ kind: 'tls' }), answer), ['t:9094']);
  const scram = {
    kind: 'password',
    mechanism: 'scram-sha-512',
    tls: true,
    username: 'u',
    password: 'p',
  } as const;
  assert.deepEqual(await bootstrapBrokers(settings(scram), answer), ['s:9096']);
});

test('a program that does not ask MSK says what to set instead', async () => {
  await assert.rejects(bootstrapBrokers(IAM), /set KAFKA_BOOTSTRAP_SERVERS/);
});

test('a cluster that is not so secured, and one that cannot be asked, are told apart', async () => {
  await assert.rejects(
    bootstrapBrokers(IAM, async () => ({})),
    { code: 'KAFKA_CLUSTER_NOT_SO_SECURED' },
  );
  await assert.rejects(
    bootstrapBrokers(IAM, async () => {
      throw new Error('denied');
    }),
    { code: 'KAFKA_CLUSTER_NOT_FOUND' },
  );
});
