import { createServer, type IncomingMessage } from 'node:http';
import { CodedError } from '../../../shared/coded-error.ts';
import { failure, type HttpAnswer } from './aws-json.ts';
import { invalid, ServiceError } from './service-error.ts';

/** What a relay passes requests to, and where it listens. */
export interface RelayOptions {
  /** Asked for every request, so that a monitor that was started anew is found; undefined where none runs. */
  readonly endpointOf: () => Promise<string | undefined>;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default 0 a free one */
  readonly port?: number;
}

/** A running relay. */
export interface Relay {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Queries are short; rows do not come this way. */
const BODY_BYTES_MOST = 1024 * 1024;
const TIMEOUT_MS = 65_000;
/** What a client says that the store needs to know. */
const HEADERS = ['x-amz-target', 'content-type'] as const;
/** A reader's operations: nobody writes to the monitor's store by way of the relay. */
const READS = /\.(Query|CancelQuery|PrepareQuery|Describe\w+|List\w+)$/;

/**
 * A fixed address for the Timestream of a running monitor, whose own port differs from start to start: what
 * Grafana's datasource is given. It lets queries through and refuses writes.
 *
 * Fails with `RELAY_LISTEN_FAILED`.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const host = options.host ?? '127.0.0.1';
  const server = createServer((request, response) => {
    void pass(request, options.endpointOf).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(body);
    });
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new CodedError(
          'RELAY_LISTEN_FAILED',
          `Cannot listen on ${host}:${options.port ?? 0}: ${cause.message}`,
          {
            cause,
          },
        ),
      ),
    );
    server.listen(options.port ?? 0, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return {
    endpoint: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function pass(request: IncomingMessage, endpointOf: RelayOptions['endpointOf']): Promise<HttpAnswer> {
  try {
    const target = String(request.headers['x-amz-target'] ?? '');
    if (!READS.test(target)) {
      throw invalid(`This address takes queries only, not ${target || 'this'}.`);
    }
    const body = await bodyOf(request);
    const endpoint = await endpointOf();
    if (endpoint === undefined) throw unavailable('The monitor does not run.');
    const headers = HEADERS.map((name) => [name, String(request.headers[name] ?? '')] as const);
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: Object.fromEntries(headers),
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: Error) => {
      throw unavailable(`The monitor does not answer: ${cause.message}.`);
    });
    return { status: answer.status, body: await answer.text() };
  } catch (error) {
    return failure(error);
  }
}

function unavailable(message: string): ServiceError {
  return new ServiceError('InternalServerException', message);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > BODY_BYTES_MOST) throw invalid('The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
