import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import { BINANCE_LIMITS, type ExchangeLimits } from './exchange-limits.ts';
import type { FaultSchedule } from './fault-schedule.ts';
import { FrameFaults } from './frame-faults.ts';
import type { MarketSource } from './market-source.ts';
import { RateWindow } from './rate-window.ts';
import { type ExchangeService, RestServer } from './rest-server.ts';
import { StreamConnection } from './stream-connection.ts';
import { StreamHub } from './stream-hub.ts';
import { parseStreamPath, type StreamPath } from './stream-path.ts';

/** How a local exchange is started. */
export interface ExchangeOptions {
  readonly market: MarketSource;
  readonly clock: Clock;
  /** On 127.0.0.1. @default 0, any free one */
  readonly port?: number;
  /** @default undefined, no faults */
  readonly faults?: FaultSchedule | undefined;
  /** Where it differs from Binance's limits. @default {} */
  readonly limits?: Partial<ExchangeLimits>;
  /** @default 'full' */
  readonly service?: ExchangeService;
}

/** A local exchange that runs. */
export interface Exchange {
  /** Base of the stream URLs, such as `ws://127.0.0.1:9000`. */
  readonly streamUrl: string;
  /** Base of the REST URLs, such as `http://127.0.0.1:9000`. */
  readonly restUrl: string;
  /** Resolves when a recording has been served to its end; never for the simulated market. */
  readonly finished: Promise<void>;
  /** Tells every client `serverShutdown` and closes its connection. */
  shutDownStreams(): void;
  /** Cuts every stream connection without a word. */
  cutStreams(): void;
  /** Ends it, with every connection. */
  close(): Promise<void>;
}

/**
 * Serves a market on loopback by Binance's WebSocket and REST protocols, limits included.
 * @throws CodedError `EXCHANGE_PORT_TAKEN` where the port is in use.
 */
export async function startExchange(options: ExchangeOptions): Promise<Exchange> {
  const { market, clock, faults } = options;
  const limits: ExchangeLimits = { ...BINANCE_LIMITS, ...options.limits };
  const beganUs = clock.nowUs();
  const sinceMs = (): number => (clock.nowUs() - beganUs) / 1000;
  const faultsActive = (): boolean => faults?.active(sinceMs()) ?? false;
  const aheadUs = (): number => (faults?.active(sinceMs()) ? faults.clockErrorUs(sinceMs()) : 0);
  const hub = new StreamHub(clock, aheadUs);
  const service = options.service ?? 'full';
  const toldUs = (): number => market.nowUs() + aheadUs();
  const rest = new RestServer({ source: market, clock, limits, faults, faultsActive, toldUs, service });
  const attempts = new Map<string, RateWindow>();
  let connections = 0;

  const accept = (socket: WebSocket, path: StreamPath): void => {
    const index = connections;
    connections += 1;
    const connection: StreamConnection = new StreamConnection(socket, path, {
      clock,
      limits,
      frameFaults: faults === undefined ? undefined : new FrameFaults(faults, index),
      faults: faults?.connection(index),
      faultsActive,
      onChange: () => (connection.open ? hub.changed() : hub.remove(connection)),
    });
    hub.add(connection);
  };

  const http = createServer((request, response) => rest.handle(request, response));
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 });
  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const address = request.socket.remoteAddress ?? '';
    const window =
      attempts.get(address) ?? new RateWindow(limits.connectionsPerWindow, limits.connectionWindowMs);
    attempts.set(address, window);
    const path = parseStreamPath(request.url ?? '/');
    if (service === 'restricted') refuse(stream, 451, 'Unavailable For Legal Reasons');
    else if (!window.take(clock.nowUs())) refuse(stream, 429, 'Too Many Requests');
    else if (path === undefined) refuse(stream, 404, 'Not Found');
    else if (path.streams.length > limits.streamsPerConnection) refuse(stream, 400, 'Bad Request');
    else sockets.handleUpgrade(request, stream, head, (socket) => accept(socket, path));
  });

  const port = await listen(http, options.port ?? 0);
  const playing = market.play(hub);
  return {
    streamUrl: `ws://127.0.0.1:${port}`,
    restUrl: `http://127.0.0.1:${port}`,
    finished: playing.finished,
    shutDownStreams: () => {
      for (const connection of hub.connections) connection.shutDown(limits.shutdownNoticeMs);
    },
    cutStreams: () => {
      for (const connection of hub.connections) connection.cut();
    },
    close: async () => {
      playing.stop();
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      const closed = new Promise<void>((resolve) => {
        http.close(() => resolve());
      });
      http.closeAllConnections();
      await closed;
    },
  };
}

function refuse(stream: Duplex, status: number, text: string): void {
  const retry = status === 429 ? 'Retry-After: 300\r\n' : '';
  stream.end(`HTTP/1.1 ${status} ${text}\r\n${retry}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}

async function listen(http: ReturnType<typeof createServer>, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause: Error & { code?: string }) => {
      const taken = cause.code === 'EADDRINUSE';
      const message = taken
        ? `Port ${port} of 127.0.0.1 is in use. Choose another with --port, or 0 for any free one.`
        : `Cannot listen on port ${port} of 127.0.0.1: ${cause.message}`;
      const code = taken ? 'EXCHANGE_PORT_TAKEN' : 'EXCHANGE_LISTEN_FAILED';
      reject(new CodedError(code, message, { cause, data: { port } }));
    });
    http.listen(port, '127.0.0.1', resolve);
  });
  const address = http.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
