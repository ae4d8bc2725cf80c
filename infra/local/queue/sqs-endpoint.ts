import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodedError } from '../../../shared/coded-error.ts';
import type { LocalQueue } from './local-queue.ts';

/** A body larger than SQS's largest message is refused. */
const MAX_BODY_BYTES = 1_048_576;

/** The part of SQS's JSON protocol that notify speaks, on loopback. */
export interface SqsEndpoint {
  readonly url: string;
  /** The URL that names a queue to the SDK. */
  queueUrl(name: string): string;
  close(): Promise<void>;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Serves queues to `@aws-sdk/client-sqs`: SendMessage, ReceiveMessage, DeleteMessage, ChangeMessageVisibility and
 * GetQueueAttributes (the counts). Signatures are not checked: it listens on 127.0.0.1 only.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-api.html
 */
export async function startSqsEndpoint(queues: readonly LocalQueue[], port = 0): Promise<SqsEndpoint> {
  const byName = new Map(queues.map((queue) => [queue.name, queue]));
  const server = createServer((request, response) => {
    answer(request, byName).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        const code = error instanceof CodedError ? error.code : 'InternalFailure';
        const message = error instanceof Error ? error.message : String(error);
        send(response, code === 'InternalFailure' ? 500 : 400, {
          __type: `com.amazonaws.sqs#${code}`,
          message,
        });
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    queueUrl: (name) => `${url}/000000000000/${name}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function answer(request: IncomingMessage, queues: ReadonlyMap<string, LocalQueue>): Promise<object> {
  const action = String(request.headers['x-amz-target'] ?? '').replace(/^AmazonSQS\./, '');
  const fields = await readFields(request);
  const name = String(fields.QueueUrl ?? '')
    .split('/')
    .at(-1);
  const queue = queues.get(name ?? '');
  if (queue === undefined) throw new CodedError('QueueDoesNotExist', `There is no queue ${name}.`);
  const receipt = String(fields.ReceiptHandle ?? '');
  switch (action) {
    case 'SendMessage': {
      const sent = queue.send(String(fields.MessageBody ?? ''), seconds(fields.DelaySeconds) * 1000);
      return { MessageId: sent.messageId, MD5OfMessageBody: sent.md5OfBody };
    }
    case 'ReceiveMessage':
      return {
        Messages: queue.receive(Number(fields.MaxNumberOfMessages ?? 1)).map((message) => ({
          MessageId: message.messageId,
          ReceiptHandle: message.receiptHandle,
          MD5OfBody: message.md5OfBody,
          Body: message.body,
        })),
      };
    case 'DeleteMessage':
      queue.delete(receipt);
      return {};
    case 'ChangeMessageVisibility':
      queue.changeVisibility(receipt, seconds(fields.VisibilityTimeout) * 1000);
      return {};
    case 'GetQueueAttributes':
      return {
        Attributes: {
          ApproximateNumberOfMessages: String(queue.visible),
          ApproximateNumberOfMessagesNotVisible: String(queue.size - queue.visible),
        },
      };
    default:
      throw new CodedError(
        'InvalidAction',
        `The local SQS does not know ${action || 'a call without a target'}.`,
      );
  }
}

async function readFields(request: IncomingMessage): Promise<Fields> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new CodedError('InvalidMessageContents', 'The message is too long.');
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch (cause) {
    throw new CodedError('SerializationException', 'The body is not JSON.', { cause });
  }
  throw new CodedError('SerializationException', 'The body is not an object.');
}

function seconds(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(body));
}
