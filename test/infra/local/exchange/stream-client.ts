import assert from 'node:assert/strict';
import { WebSocket } from 'ws';

const DEADLINE_MS = 10_000;

/** Waits, polling, until something is so; fails after ten seconds with what was waited for. */
export async function until(what: string, so: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!so()) {
    assert.ok(performance.now() < deadline, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A client of the exchange that remembers all it was told. */
export class StreamClient {
  readonly messages: string[] = [];
  readonly pings: string[] = [];
  readonly socket: WebSocket;
  /** Code and reason of the close; undefined while it is open. */
  closed: { readonly code: number; readonly reason: string } | undefined;

  private constructor(url: string, autoPong: boolean) {
    this.socket = new WebSocket(url, { autoPong });
    this.socket.on('message', (data) => this.messages.push(String(data)));
    this.socket.on('ping', (data) => this.pings.push(data.toString()));
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
  }

  /** Connects; rejects with the status where the exchange refuses. */
  static async open(url: string, options: { readonly autoPong?: boolean } = {}): Promise<StreamClient> {
    const client = new StreamClient(url, options.autoPong ?? true);
    await new Promise<void>((resolve, reject) => {
      client.socket.once('open', () => resolve());
      client.socket.on('error', reject);
    });
    return client;
  }

  /** Sends a request and waits for the reply with its id, or for the next error. */
  async ask(request: unknown): Promise<unknown> {
    const before = this.messages.length;
    this.socket.send(typeof request === 'string' ? request : JSON.stringify(request));
    const isReply = (message: string): boolean => /^\{"(?:result|error)"/.test(message);
    await until('a reply', () => this.messages.slice(before).some(isReply));
    return JSON.parse(this.messages.slice(before).find(isReply) ?? '');
  }

  /** The messages that are of a stream, parsed. */
  frames(): { readonly stream: string; readonly data: Record<string, unknown> }[] {
    return this.messages
      .filter((message) => message.startsWith('{"stream"'))
      .map((message) => JSON.parse(message));
  }

  /** The code it was closed with; undefined while it is open. */
  closeCode(): number | undefined {
    return this.closed?.code;
  }

  async end(): Promise<void> {
    this.socket.terminate();
    await until('the end', () => this.closed !== undefined);
  }
}
