import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodedError } from '../../shared/coded-error.ts';
import type { IngestStatus } from './ingest-status.ts';

/** A running health endpoint. */
export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `GET /health` (the process is alive; this is what ECS probes) and `GET /ready` (fresh and complete):
 * the status as JSON, 200 or 503. Fails with `PORT_TAKEN` where another process listens.
 */
export async function serveHealth(options: {
  /** 0 picks a free one. */
  readonly port: number;
  /** @default all interfaces: ECS and load balancers probe from outside */
  readonly host?: string;
  readonly read: () => { readonly status: IngestStatus; readonly ready: boolean };
}): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    const isKnown = path === '/health' || path === '/ready';
    if (request.method !== 'GET' || !isKnown) {
      response.writeHead(isKnown ? 405 : 404, { 'content-type': 'application/json' });
      response.end(`{"error":"GET /health or GET /ready"}\n`);
      return;
    }
    const { status, ready } = options.read();
    const isWell = path === '/health' ? status.status !== 'failed' : ready;
    response.writeHead(isWell ? 200 : 503, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
    });
    response.end(`${JSON.stringify(status)}\n`);
  });
  await listen(server, options.port, options.host);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new CodedError(
              'PORT_TAKEN',
              `Port ${port} is taken by another process. Set HEALTH_PORT to a free one, or to 0 for any.`,
              { cause: error, data: { port } },
            )
          : error,
      );
    });
    server.listen({ port, ...(host !== undefined && { host }) }, resolve);
  });
}
