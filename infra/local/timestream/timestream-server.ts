import { createServer, type IncomingMessage, type Server } from 'node:http';
import { CodedError } from '../../../shared/coded-error.ts';
import { failure, type HttpAnswer, readBody, success } from './aws-json.ts';
import { Catalogue } from './catalogue.ts';
import type { Operation } from './catalogue-operations.ts';
import { type Duck, openDuck } from './duck.ts';
import { operations } from './operations.ts';
import { OpenQueries } from './query/open-queries.ts';
import { Serial } from './serial.ts';
import { invalid, ServiceError } from './service-error.ts';
import { MACRO_STATEMENTS } from './sql/macros.ts';
import { RecordWriter } from './write/record-writer.ts';

/** What a local Timestream is started with. */
export interface TimestreamOptions {
  /** The folder of its database file, created if need be; null keeps everything in memory. */
  readonly dir: string | null;
  /** @default 0 a free one */
  readonly port?: number;
  /** The address to listen on; another than loopback is open to whoever reaches it. @default '127.0.0.1' */
  readonly host?: string;
  /** The clock that judges retention and the 15 minutes ahead: a replay's. @default the wall clock */
  readonly nowMs?: () => number;
  /** The time that retention counts back from, where it is another: a replay leaves out silences. @default nowMs */
  readonly retentionNowMs?: () => number;
  /** Opens an existing folder for queries only and changes nothing in it. @default false */
  readonly readOnly?: boolean;
  /** How long a query may compute one of its pages; then it ends with a ValidationException. @default 60,000 */
  readonly queryTimeoutMs?: number;
}

/** A running local Timestream. */
export interface LocalTimestream {
  /** For the SDK clients' `endpoint`. */
  readonly endpoint: string;
  readonly port: number;
  /** Answers what is under way, then ends; what was answered is on the disk. */
  close(): Promise<void>;
}

/** A request body is at most 100 records of 2 KB with their JSON. */
const BODY_BYTES_MOST = 8 * 1024 * 1024;

/**
 * Starts Timestream on loopback: the Write and the Query API on one port, for SDK clients with a custom
 * endpoint and for Grafana's Timestream datasource.
 *
 * Fails with `TIMESTREAM_PORT_TAKEN`, `TIMESTREAM_FOLDER_IN_USE`, `TIMESTREAM_NO_DATABASE` or
 * `TIMESTREAM_OPEN_FAILED`.
 *
 * @example
 * const timestream = await startTimestream({ dir: null });
 * const client = new TimestreamWriteClient({ endpoint: timestream.endpoint, region: 'local', credentials });
 */
export async function startTimestream(options: TimestreamOptions): Promise<LocalTimestream> {
  const readOnly = options.readOnly ?? false;
  const duck = await openDuck(options.dir, readOnly);
  try {
    return await serve(duck, options, readOnly);
  } catch (error) {
    duck.close();
    throw error;
  }
}

async function serve(duck: Duck, options: TimestreamOptions, readOnly: boolean): Promise<LocalTimestream> {
  const catalogue = await Catalogue.open(duck.writer, readOnly);
  for (const statement of MACRO_STATEMENTS) await duck.writer.run(statement);
  await duck.lock();
  const serial = new Serial();
  const nowMs = options.nowMs ?? Date.now;
  const writer = new RecordWriter(duck.writer, catalogue, serial, {
    nowMs,
    retentionNowMs: options.retentionNowMs ?? nowMs,
  });
  const queries = new OpenQueries(duck, catalogue, options.queryTimeoutMs ?? 60_000);
  const host = options.host ?? '127.0.0.1';
  let port = 0;
  const routes = operations({
    catalogue,
    serial,
    writer,
    queries,
    address: () => `${host}:${port}`,
    wallMs: Date.now,
    readOnly,
  });
  const server = createServer((request, response) => {
    void answer(request, routes).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(body);
    });
  });
  port = await listen(server, host, options.port ?? 0);
  return {
    endpoint: `http://${host}:${port}`,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await serial.idle();
      setTimeout(() => server.closeAllConnections(), 500).unref();
      await closed;
      await serial.idle();
      queries.closeAll();
      duck.close();
    },
  };
}

async function answer(request: IncomingMessage, routes: ReadonlyMap<string, Operation>): Promise<HttpAnswer> {
  try {
    const target = String(request.headers['x-amz-target'] ?? '');
    const name = target.slice(target.indexOf('.') + 1);
    const operation = request.method === 'POST' ? routes.get(name) : undefined;
    const body = await bodyOf(request);
    if (operation === undefined) {
      throw new ServiceError(
        'UnknownOperationException',
        `The local Timestream has no operation ${name || '(none)'}.`,
      );
    }
    return success(await operation(readBody(body)));
  } catch (error) {
    return failure(error);
  }
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

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const taken = 'code' in cause && cause.code === 'EADDRINUSE';
      reject(
        new CodedError(
          taken ? 'TIMESTREAM_PORT_TAKEN' : 'TIMESTREAM_LISTEN_FAILED',
          taken
            ? `Port ${port} is taken. Choose another with --port.`
            : `Cannot listen on port ${port}: ${cause.message}`,
          { cause, data: { port } },
        ),
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
