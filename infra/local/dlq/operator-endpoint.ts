import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LetterFilter } from '../../../functions/dead-letter/letter-book.ts';
import type { RedriveReport } from '../../../functions/dead-letter/redrive.ts';
import { isJsonObject } from '../../../shared/binance/field-reader.ts';
import { CodedError } from '../../../shared/coded-error.ts';

const MAX_BODY_BYTES = 10_000;

/** The path of a redrive. */
export const REDRIVE_PATH = '/dlq/redrive';

/** What an operator may ask of a running instance: one process writes the embedded log, so it does the writing. */
export interface OperatorEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `POST /dlq/redrive` on loopback, with a filter as JSON. A page in a browser cannot use it: such a request
 * would carry an `Origin`, and JSON needs a permission that is never given.
 */
export async function startOperatorEndpoint(options: {
  readonly redrive: (filter: LetterFilter) => Promise<RedriveReport>;
}): Promise<OperatorEndpoint> {
  let running: Promise<unknown> = Promise.resolve();
  const answer = async (request: IncomingMessage): Promise<readonly [status: number, body: unknown]> => {
    if (request.url !== REDRIVE_PATH) return [404, { error: `There is ${REDRIVE_PATH}.` }];
    if (request.method !== 'POST') return [405, { error: 'POST a filter.' }];
    const isJson = request.headers['content-type'] === 'application/json';
    if (!isJson || request.headers.origin !== undefined) return [403, { error: 'Commands only.' }];
    const filter = readFilter(await bodyOf(request));
    if (filter === undefined)
      return [400, { error: 'Send {"reason":text or null,"sinceMs":number or null}.' }];
    // One after the other: two at once would put the same letters back.
    const report = running.then(() => options.redrive(filter));
    running = report.catch(() => {});
    return [200, await report];
  };
  const server = createServer((request, response) => {
    answer(request)
      .catch((error: unknown): readonly [number, unknown] => [
        500,
        { error: error instanceof Error ? error.message : String(error) },
      ])
      .then(([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await running;
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/**
 * Asks a running instance for a redrive; undefined where nobody answers at its address. Fails with
 * `REDRIVE_FAILED` where the instance could not.
 */
export async function askRedrive(url: string, filter: LetterFilter): Promise<RedriveReport | undefined> {
  let response: Response;
  try {
    response = await fetch(`${url}${REDRIVE_PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(filter),
    });
  } catch {
    return undefined;
  }
  const body: unknown = await response.json();
  if (response.ok) return body as RedriveReport;
  const said = isJsonObject(body) ? String(body.error) : `status ${response.status}`;
  throw new CodedError('REDRIVE_FAILED', `The running instance could not put letters back: ${said}`);
}

function readFilter(text: string): LetterFilter | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(json)) return undefined;
  const { reason, sinceMs } = json;
  if (reason !== null && typeof reason !== 'string') return undefined;
  if (sinceMs !== null && typeof sinceMs !== 'number') return undefined;
  return { reason, sinceMs };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_BODY_BYTES) return '';
  }
  return text;
}
