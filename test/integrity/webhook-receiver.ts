import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What Slack would show of a post. */
export interface ReceivedPost {
  /** The whole body: text and blocks. */
  readonly body: string;
  readonly atMs: number;
}

/** How the receiver answers; `hang` takes the post and says nothing. */
export type SlackAnswer = 'ok' | 'hang' | { readonly status: number; readonly retryAfterS?: number };

/** A Slack on this machine that answers as it is told. */
export interface WebhookReceiver {
  readonly url: string;
  /** Posts that were taken, with their answer `ok`. */
  readonly posts: readonly ReceivedPost[];
  /** Every request, whatever the answer. */
  readonly requests: readonly ReceivedPost[];
  answer: SlackAnswer;
  close(): Promise<void>;
}

/** Starts the receiver; `port` takes up the address of one that was closed. */
export async function startWebhookReceiver(port = 0): Promise<WebhookReceiver> {
  const posts: ReceivedPost[] = [];
  const requests: ReceivedPost[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => take(body, response));
  });
  const take = (body: string, response: ServerResponse): void => {
    const post = { body, atMs: Date.now() };
    requests.push(post);
    const { answer } = receiver;
    if (answer === 'hang') return;
    if (answer === 'ok') {
      posts.push(post);
      response.end('ok');
      return;
    }
    const { status, retryAfterS } = answer;
    response.writeHead(status, retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) });
    response.end('no');
  };
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    posts,
    requests,
    answer: 'ok',
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
