import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { WebSocketServer } from 'ws';
import { type MemoryConnection, MemoryStreamSource } from '../../../functions/ingest/memory-stream-source.ts';
import type {
  StreamClose,
  StreamListener,
  StreamSocket,
  StreamSource,
} from '../../../functions/ingest/stream-source.ts';
import { WsStreamSource } from '../../../functions/ingest/ws-stream-source.ts';
import { wallClock } from './wall-clock.ts';

/** The far end of a connection, whichever kind of socket it is. */
interface FarEnd {
  send(bytes: Buffer): void;
  end(code: number): void;
  /** Frames that the receiver has not been able to take since it paused. */
  path(): string;
}

interface Subject {
  readonly name: string;
  readonly source: StreamSource;
  readonly url: string;
  /** The next connection that arrives. */
  accept(): Promise<FarEnd>;
  close(): Promise<void>;
}

function recorder() {
  const events: string[] = [];
  const frames: Buffer[] = [];
  const times: number[] = [];
  let closed: StreamClose | undefined;
  const listener: StreamListener = {
    onOpen: () => events.push('open'),
    onFrame: (bytes, receivedUs) => {
      events.push('frame');
      frames.push(bytes);
      times.push(receivedUs);
    },
    onPong: () => events.push('pong'),
    onClose: (why) => {
      events.push('close');
      closed = why;
    },
  };
  return { events, frames, times, listener, closed: () => closed };
}

async function until(what: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!what()) {
    if (Date.now() > deadline) throw new Error('it did not happen in 5 s');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function wsSubject(): Promise<Subject> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  const waiting: FarEnd[] = [];
  server.on('connection', (socket, request) => {
    waiting.push({
      send: (bytes) => socket.send(bytes, { binary: false }),
      end: (code) => socket.close(code),
      path: () => request.url ?? '',
    });
  });
  return {
    name: 'ws',
    source: new WsStreamSource({ clock: wallClock }),
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/stream?streams=btcusdt@trade`,
    accept: async () => {
      await until(() => waiting.length > 0);
      const end = waiting.shift();
      assert.ok(end);
      return end;
    },
    close: () =>
      new Promise((resolve) => {
        for (const client of server.clients) client.terminate();
        server.close(() => resolve());
      }),
  };
}

async function memorySubject(): Promise<Subject> {
  const waiting: MemoryConnection[] = [];
  const source = new MemoryStreamSource((connection) => {
    connection.open();
    waiting.push(connection);
  });
  return {
    name: 'memory',
    source,
    url: 'ws://memory/stream?streams=btcusdt@trade',
    accept: async () => {
      await until(() => waiting.length > 0);
      const connection = waiting.shift();
      assert.ok(connection);
      const held: Buffer[] = [];
      // What a real line does by itself: it holds the frames while the receiver does not read.
      const drain = (): void => {
        while (!connection.paused && held.length > 0) {
          const next = held.shift();
          if (next !== undefined) connection.deliver(next, wallClock.nowUs());
        }
        if (held.length > 0) setTimeout(drain, 1);
      };
      return {
        send: (bytes) => {
          held.push(bytes);
          drain();
        },
        end: (code) => connection.end(code),
        path: () => new URL(connection.request.url).pathname + new URL(connection.request.url).search,
      };
    },
    close: () => Promise.resolve(),
  };
}

for (const subject of [await wsSubject(), await memorySubject()])
  describe(`the socket port over ${subject.name}`, () => {
    after(() => subject.close());
    const connect = (listener: StreamListener): StreamSocket =>
      subject.source.connect({ url: subject.url, streams: ['btcusdt@trade'], connection: 't0-1' }, listener);

    it('tells nothing before connect has returned, then the open, the frames as sent and the close', async () => {
      const seen = recorder();
      connect(seen.listener);
      assert.deepEqual(seen.events, []);
      const far = await subject.accept();
      await until(() => seen.events.includes('open'));
      const bytes = Buffer.from('{"stream":"btcusdt@trade","data":{"p":"1.0 é"}}');
      far.send(bytes);
      far.send(Buffer.from('{}'));
      await until(() => seen.frames.length === 2);
      assert.ok(seen.frames[0]?.equals(bytes));
      assert.ok(Math.abs((seen.times[0] ?? 0) - Date.now() * 1_000) < 5_000_000);
      assert.equal(far.path(), '/stream?streams=btcusdt@trade');
      far.end(1001);
      await until(() => seen.closed() !== undefined);
      assert.deepEqual(seen.closed(), { kind: 'closed', code: 1001, reason: '' });
      assert.deepEqual(seen.events, ['open', 'frame', 'frame', 'close']);
    });

    it('gets an answer to a ping', async () => {
      const seen = recorder();
      const socket = connect(seen.listener);
      await subject.accept();
      await until(() => seen.events.includes('open'));
      socket.ping();
      await until(() => seen.events.includes('pong'));
      socket.close();
      await until(() => seen.closed() !== undefined);
    });

    it('holds the sender back while it is paused, and loses nothing', async () => {
      const seen = recorder();
      const socket = connect(seen.listener);
      const far = await subject.accept();
      await until(() => seen.events.includes('open'));
      socket.pause();
      for (let frame = 0; frame < 100; frame += 1) far.send(Buffer.from(`{"n":${frame}}`));
      await new Promise((resolve) => setTimeout(resolve, 30));
      assert.equal(seen.frames.length, 0);
      socket.resume();
      await until(() => seen.frames.length === 100);
      assert.deepEqual(
        seen.frames.map((bytes) => JSON.parse(bytes.toString()).n),
        Array.from({ length: 100 }, (_, at) => at),
      );
      socket.close();
      await until(() => seen.closed() !== undefined);
    });

    it('closes from this side, paused or not, and then does nothing more', async () => {
      const seen = recorder();
      const socket = connect(seen.listener);
      await subject.accept();
      await until(() => seen.events.includes('open'));
      socket.pause();
      socket.close();
      await until(() => seen.closed() !== undefined);
      for (const act of [socket.pause, socket.resume, socket.close, socket.ping]) act.call(socket);
      await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal(seen.events.filter((event) => event === 'close').length, 1);
    });
  });

describe('WsStreamSource', () => {
  const refusalOf = async (url: string): Promise<string> => {
    const seen = recorder();
    new WsStreamSource({ clock: wallClock }).connect({ url, streams: [], connection: 't0-1' }, seen.listener);
    await until(() => seen.closed() !== undefined);
    const closed = seen.closed();
    return closed?.kind === 'refused' ? closed.refusal.code : 'not refused';
  };

  it('explains the status that the exchange refuses the upgrade with', async () => {
    const server = createServer((_request, response) => response.end('no'));
    server.on('upgrade', (_request, socket) => {
      socket.end(
        'HTTP/1.1 451 Unavailable For Legal Reasons\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    assert.equal(await refusalOf(`ws://127.0.0.1:${port}/stream`), 'RESTRICTED_LOCATION');
    await new Promise((resolve) => server.close(resolve));
  });

  it('explains a refused connection, a name that is none, and an address that is none', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await refusalOf(`ws://127.0.0.1:${port}/`), 'CONNECTION_REFUSED');
    assert.equal(await refusalOf('ws://no-such-host.invalid/'), 'DNS');
    assert.equal(await refusalOf('nonsense'), 'BAD_ADDRESS');
  });
});
