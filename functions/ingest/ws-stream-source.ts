import WebSocket from 'ws';
import type { Clock } from '../../shared/clock.ts';
import type { Millis } from '../../shared/units.ts';
import { explainRefusal } from './explain-refusal.ts';
import type { StreamListener, StreamRequest, StreamSocket, StreamSource } from './stream-source.ts';

/** How sockets are opened. */
export interface WsOptions {
  readonly clock: Clock;
  /** How long the upgrade may take. @default 10,000 */
  readonly handshakeTimeoutMs?: Millis;
  /** How long a close may take before the line is cut. @default 2,000 */
  readonly closeTimeoutMs?: Millis;
  /** Whether the environment names a proxy; it is told in the explanation of a refusal. @default false */
  readonly proxySet?: boolean;
}

/** The largest frame of the exchange is a few KB; what is larger than this is not its. */
const MAX_FRAME_BYTES = 1_048_576;

/**
 * Real sockets, on `ws`. Pings of the exchange are answered by `ws` itself, with their own payload.
 * Permessage-deflate is off: frames are small, and inflating them would cost more than the line.
 */
export class WsStreamSource implements StreamSource {
  readonly #options: WsOptions;

  constructor(options: WsOptions) {
    this.#options = options;
  }

  connect(request: StreamRequest, listener: StreamListener): StreamSocket {
    const { clock, handshakeTimeoutMs = 10_000, closeTimeoutMs = 2_000, proxySet = false } = this.#options;
    let socket: WebSocket;
    try {
      socket = new WebSocket(request.url, {
        perMessageDeflate: false,
        handshakeTimeout: handshakeTimeoutMs,
        maxPayload: MAX_FRAME_BYTES,
        followRedirects: false,
      });
    } catch (error) {
      queueMicrotask(() =>
        listener.onClose({
          kind: 'refused',
          refusal: explainRefusal(request.url, { ...factsOf(error), errorCode: 'ERR_INVALID_URL' }),
        }),
      );
      return { pause: () => {}, resume: () => {}, close: () => {}, ping: () => {} };
    }
    let wasOpen = false;
    let isClosed = false;
    let isPaused = false;
    let failure: unknown;
    const closed = (code: number, reason: string): void => {
      if (isClosed) return;
      isClosed = true;
      if (wasOpen) listener.onClose({ kind: 'closed', code, reason: reason || said(failure) });
      else
        listener.onClose({
          kind: 'refused',
          refusal: explainRefusal(request.url, { ...factsOf(failure), proxySet }),
        });
    };
    socket.on('open', () => {
      wasOpen = true;
      if (isPaused) socket.pause();
      listener.onOpen();
    });
    socket.on('message', (data: WebSocket.RawData) => {
      if (!isClosed) listener.onFrame(bytesOf(data), clock.nowUs());
    });
    socket.on('pong', () => {
      if (!isClosed) listener.onPong();
    });
    socket.on('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => {
        if (chunks.length < 4) chunks.push(chunk);
      });
      const refuse = (): void => {
        if (isClosed) return;
        isClosed = true;
        const retryAfterS = Number(response.headers['retry-after']);
        listener.onClose({
          kind: 'refused',
          refusal: explainRefusal(request.url, {
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks).toString('utf8').slice(0, 1_000),
            ...(Number.isFinite(retryAfterS) && { retryAfterS }),
            proxySet,
          }),
        });
        socket.terminate();
      };
      response.on('end', refuse);
      response.on('error', refuse);
      response.on('close', refuse);
    });
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', (code, reason) => closed(code, reason.toString('utf8')));
    return {
      pause: () => {
        isPaused = true;
        if (socket.readyState === WebSocket.OPEN) socket.pause();
      },
      resume: () => {
        isPaused = false;
        if (socket.readyState === WebSocket.OPEN) socket.resume();
      },
      close: () => {
        if (isClosed) return;
        if (!wasOpen) {
          socket.terminate();
          return;
        }
        // A paused socket never reads the answer to the close, so it is let go first.
        socket.resume();
        socket.close(1000);
        clock.after(closeTimeoutMs, () => {
          if (!isClosed) socket.terminate();
        });
      },
      ping: () => {
        if (socket.readyState === WebSocket.OPEN) socket.ping();
      },
    };
  }
}

function bytesOf(data: WebSocket.RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

function factsOf(error: unknown): { errorCode?: string; errorMessage?: string } {
  if (!(error instanceof Error)) return {};
  // Node gathers the failures of all addresses of a name in one AggregateError.
  const inner = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  const code = 'code' in inner && typeof inner.code === 'string' ? inner.code : undefined;
  return { ...(code !== undefined && { errorCode: code }), errorMessage: inner.message || error.message };
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
