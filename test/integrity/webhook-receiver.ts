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
  /** Is gone: connections are refused. */
  stop(): Promise<void>;
  /** Is back at the same address. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the receiver on a free port. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
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
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${port}/hook`,
    posts,
    requests,
    answer: 'ok',
    stop,
    start: () => listen(port),
    close: stop,
  };
  return receiver;
}
