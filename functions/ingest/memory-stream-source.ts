import type { MarketSymbol, Micros } from '../../shared/units.ts';
import type { Refusal } from './explain-refusal.ts';
import type { StreamListener, StreamRequest, StreamSocket, StreamSource } from './stream-source.ts';

/** The far end of an in-memory socket: a replay or a test speaks through it. */
export interface MemoryConnection {
  readonly request: StreamRequest;
  readonly state: 'opening' | 'open' | 'closed';
  /** The receiver asked to be spared for now. */
  readonly paused: boolean;
  /** Pings that arrived. */
  readonly pings: number;
  /** Whether pings are answered. @default true */
  answersPings: boolean;
  open(): void;
  refuse(refusal: Refusal): void;
  /** Hands a frame over at once, paused or not: whoever feeds looks at `paused` first. */
  deliver(bytes: Buffer, receivedUs: Micros, symbol?: MarketSymbol | null): void;
  /** Ends it from the far side. */
  end(code?: number, reason?: string): void;
}

/** The socket port in memory, on no clock of its own: everything happens when the far end says so. */
export class MemoryStreamSource implements StreamSource {
  readonly #onConnect: (connection: MemoryConnection) => void;
  readonly #connections: Connection[] = [];

  /** `onConnect` sees each connection as it is asked for; by default it is opened at once. */
  constructor(onConnect: (connection: MemoryConnection) => void = (connection) => connection.open()) {
    this.#onConnect = onConnect;
  }

  /** Connections that are not closed, the oldest first. */
  get connections(): readonly MemoryConnection[] {
    return this.#connections;
  }

  connect(request: StreamRequest, listener: StreamListener): StreamSocket {
    const connection = new Connection(request, listener, () => {
      this.#connections.splice(this.#connections.indexOf(connection), 1);
    });
    this.#connections.push(connection);
    // As with a real socket, nothing is told before `connect` has returned.
    queueMicrotask(() => {
      if (connection.state === 'opening') this.#onConnect(connection);
    });
    return connection;
  }
}

class Connection implements MemoryConnection, StreamSocket {
  readonly request: StreamRequest;
  state: 'opening' | 'open' | 'closed' = 'opening';
  paused = false;
  pings = 0;
  answersPings = true;
  readonly #listener: StreamListener;
  readonly #onGone: () => void;

  constructor(request: StreamRequest, listener: StreamListener, onGone: () => void) {
    this.request = request;
    this.#listener = listener;
    this.#onGone = onGone;
  }

  open(): void {
    if (this.state !== 'opening') return;
    this.state = 'open';
    this.#listener.onOpen();
  }

  refuse(refusal: Refusal): void {
    if (this.state !== 'opening') return;
    this.#gone();
    this.#listener.onClose({ kind: 'refused', refusal });
  }

  deliver(bytes: Buffer, receivedUs: Micros, symbol?: MarketSymbol | null): void {
    if (this.state === 'open') this.#listener.onFrame(bytes, receivedUs, symbol);
  }

  end(code = 1006, reason = ''): void {
    if (this.state === 'closed') return;
    this.#gone();
    this.#listener.onClose({ kind: 'closed', code, reason });
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  close(): void {
    if (this.state === 'closed') return;
    this.#gone();
    queueMicrotask(() => this.#listener.onClose({ kind: 'closed', code: 1000, reason: '' }));
  }

  ping(): void {
    if (this.state !== 'open') return;
    this.pings += 1;
    if (this.answersPings) queueMicrotask(() => this.state === 'open' && this.#listener.onPong());
  }

  #gone(): void {
    this.state = 'closed';
    this.#onGone();
  }
}
