import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { LocalQueue } from '../../../../infra/local/queue/local-queue.ts';
import { LocalTopic } from '../../../../infra/local/queue/local-topic.ts';
import { QueueMapping } from '../../../../infra/local/queue/queue-mapping.ts';
import { startSqsEndpoint } from '../../../../infra/local/queue/sqs-endpoint.ts';
import { VirtualClock } from '../log/virtual-clock.ts';

describe('the local queue', () => {
  it('hides a delayed message, and a received one until its visibility ends', async () => {
    const clock = new VirtualClock();
    const queue = new LocalQueue({ name: 'q', clock, visibilityTimeoutMs: 10_000 });
    queue.send('later', 5000);
    assert.equal(queue.receive(10).length, 0);
    await clock.advance(5000);
    const [first] = queue.receive(10);
    assert.equal(queue.receive(10).length, 0);
    await clock.advance(10_000);
    const [second] = queue.receive(10);

    assert.deepEqual([first?.receiveCount, second?.receiveCount], [1, 2]);
    queue.delete(first?.receiptHandle ?? '');
    assert.equal(queue.size, 1, 'an old receipt removes nothing');
    queue.delete(second?.receiptHandle ?? '');
    assert.equal(queue.size, 0);
  });

  it('moves a message to the dead letters after its last receipt', async () => {
    const clock = new VirtualClock();
    const dead = new LocalQueue({ name: 'dead', clock });
    const queue = new LocalQueue({ name: 'q', clock, deadLetters: { queue: dead, maxReceiveCount: 2 } });
    queue.send('poison');
    for (let receipt = 0; receipt < 3; receipt += 1) {
      queue.receive(1);
      await clock.advance(30_000);
    }

    assert.deepEqual([queue.size, dead.size], [0, 1]);
  });

  it('is bounded, and waits 15 minutes at most', () => {
    const queue = new LocalQueue({ name: 'q', clock: new VirtualClock(), maxMessages: 1 });
    queue.send('one');

    assert.throws(() => queue.send('two'), { code: 'QUEUE_FULL' });
    assert.throws(() => queue.send('x', 900_001), { code: 'QUEUE_DELAY' });
  });
});

describe('the queue mapping', () => {
  it('deletes what succeeded and delivers the rest again', async () => {
    const clock = new VirtualClock();
    const queue = new LocalQueue({ name: 'q', clock });
    const seen: string[][] = [];
    const mapping = new QueueMapping({
      clock,
      queue,
      handler: async (event) => {
        seen.push(
          event.Records.map((record) => `${record.body}${record.attributes.ApproximateReceiveCount}`),
        );
        const failed = event.Records.filter((record) => record.body === 'b' && seen.length < 2);
        return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
      },
    });
    for (const body of ['a', 'b', 'c']) queue.send(body);
    await clock.advance(60_000);
    await mapping.close();

    assert.deepEqual(seen, [['a1', 'b1', 'c1'], ['b2']]);
    assert.equal(queue.size, 0);
  });

  it('delivers a whole batch again where the handler throws', async () => {
    const clock = new VirtualClock();
    const queue = new LocalQueue({ name: 'q', clock });
    const errors: unknown[] = [];
    let calls = 0;
    const mapping = new QueueMapping({
      clock,
      queue,
      onError: (error) => errors.push(error),
      handler: async () => {
        calls += 1;
        if (calls === 1) throw new Error('no');
        return undefined;
      },
    });
    queue.send('a');
    await clock.advance(29_000);
    assert.equal(calls, 1);
    await clock.advance(2000);
    await mapping.close();

    assert.deepEqual([calls, errors.length, queue.size], [2, 1, 0]);
  });

  it('hands over what a topic published in the envelope of SNS', async () => {
    const clock = new VirtualClock();
    const queue = new LocalQueue({ name: 'q', clock });
    const events: SQSEvent[] = [];
    const mapping = new QueueMapping({
      clock,
      queue,
      handler: async (event) => {
        events.push(event);
        return undefined;
      },
    });
    new LocalTopic({ arn: 'arn:aws:sns:x', clock, queue }).publish({ subject: 'S', message: '{"a":1}' });
    await clock.advance(1);
    await mapping.close();

    const envelope = JSON.parse(events[0]?.Records[0]?.body ?? '');
    assert.deepEqual([envelope.Type, envelope.Subject, envelope.Message], ['Notification', 'S', '{"a":1}']);
  });
});

describe('the SQS endpoint', () => {
  it('speaks to the AWS SDK', async (context) => {
    const clock = new VirtualClock();
    const queue = new LocalQueue({ name: 'q', clock });
    const endpoint = await startSqsEndpoint([queue]);
    context.after(() => endpoint.close());
    const client = new SQSClient({
      region: 'eu-west-1',
      endpoint: endpoint.url,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    context.after(() => client.destroy());
    const QueueUrl = endpoint.queueUrl('q');
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello <&>', DelaySeconds: 3 }));
    const early = await client.send(new ReceiveMessageCommand({ QueueUrl }));
    await clock.advance(3000);
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    const ReceiptHandle = Messages[0]?.ReceiptHandle;
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    const counts = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));

    assert.equal(early.Messages?.length ?? 0, 0);
    assert.equal(Messages[0]?.Body, 'hello <&>');
    assert.equal(counts.Attributes?.ApproximateNumberOfMessages, '1');
    assert.equal(queue.size, 0);
    await assert.rejects(
      client.send(new SendMessageCommand({ QueueUrl: endpoint.queueUrl('none'), MessageBody: 'x' })),
      { name: 'QueueDoesNotExist' },
    );
  });
});
