import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EventProducer } from '../../../../functions/adapters/kafka/event-producer.ts';
import { wallClock } from '../../../../functions/adapters/wall-clock.ts';
import type { LogProducer } from '../../../../shared/log/log.ts';
import type { KafkaSettings } from '../../../../shared/settings/kafka-settings.ts';

const IAM = {
  KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
  KAFKA_SASL_MECHANISM: 'AWS_MSK_IAM',
  AWS_REGION: 'eu-west-1',
};
const RECORD = { topic: 't', key: 'k', value: 'v' };
const silent: LogProducer = { send: async () => [], close: async () => {} };

describe('the producer of a function', () => {
  test('connects once, to the brokers of the event, at the port of IAM', async () => {
    const opened: KafkaSettings[] = [];
    const producer = new EventProducer(IAM, wallClock, async (settings) => {
      opened.push(settings);
      return silent;
    });
    producer.take({ bootstrapServers: 'b-1.x.kafka.eu-west-1.amazonaws.com:9092,b-2.x:9098' });
    await producer.send([RECORD]);
    await producer.send([RECORD]);

    assert.equal(opened.length, 1);
    assert.deepEqual(opened[0]?.brokers, {
      kind: 'servers',
      servers: ['b-1.x.kafka.eu-west-1.amazonaws.com:9098', 'b-2.x:9098'],
    });
    assert.deepEqual(opened[0]?.security, { kind: 'aws-msk-iam', region: 'eu-west-1' });
  });

  test('leaves ports alone where no IAM is spoken', async () => {
    let servers: unknown;
    const producer = new EventProducer({}, wallClock, async (settings) => {
      servers = settings.brokers;
      return silent;
    });
    producer.take({ bootstrapServers: '127.0.0.1:39092' });
    await producer.send([RECORD]);
    assert.deepEqual(servers, { kind: 'servers', servers: ['127.0.0.1:39092'] });
  });

  test('tries a connection that failed anew, and refuses to guess brokers', async () => {
    let tries = 0;
    const producer = new EventProducer(IAM, wallClock, async () => {
      tries += 1;
      if (tries === 1) throw new Error('away');
      return silent;
    });
    await assert.rejects(producer.send([RECORD]), { code: 'EVENT_WITHOUT_BROKERS' });
    producer.take({ bootstrapServers: 'b-1:9098' });
    await assert.rejects(producer.send([RECORD]), /away/);
    await producer.send([RECORD]);
    assert.equal(tries, 2);
  });

  test('says at the start what is wrong with the settings', () => {
    assert.throws(() => new EventProducer({ ...IAM, AWS_REGION: undefined }, wallClock), {
      code: 'SETTINGS_INVALID',
    });
  });
});
