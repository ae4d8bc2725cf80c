import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTimestream } from '../../infra/local/timestream/timestream-server.ts';

/** A store that refuses rows when told to, in front of a real one. */
export interface RejectingStore {
  readonly url: string;
  /** The tables whose rows are refused for good. */
  rejects: readonly string[];
  close(): Promise<void>;
}

/** Starts the local Timestream in `dir` behind a server that answers `RejectedRecordsException` for some tables. */
export async function startRejectingStore(dir: string, nowMs: () => number): Promise<RejectingStore> {
  const store = await startTimestream({ dir, nowMs });
  const server = createServer((request, response) => {
    forward(request)
      .then(({ status, body, headers }) => {
        response.writeHead(status, headers);
        response.end(body);
      })
      .catch(() => response.destroy());
  });
  async function forward(request: IncomingMessage) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks);
    const target = String(request.headers['x-amz-target'] ?? '');
    if (target.endsWith('.WriteRecords')) {
      const asked: { TableName: string; Records: unknown[] } = JSON.parse(body.toString());
      if (rejecting.rejects.includes(asked.TableName)) return rejection(asked.Records.length);
    }
    const answer = await fetch(`${store.endpoint}${request.url}`, {
      method: 'POST',
      headers: { 'content-type': String(request.headers['content-type']), 'x-amz-target': target },
      body,
    });
    return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()), headers: HEADERS };
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const rejecting: RejectingStore = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rejects: [],
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await store.close();
    },
  };
  return rejecting;
}

const HEADERS = { 'content-type': 'application/x-amz-json-1.0' };

function rejection(records: number) {
  const RejectedRecords = Array.from({ length: records }, (_, RecordIndex) => ({
    RecordIndex,
    Reason: 'The record timestamp is outside the time range of the store.',
  }));
  const body = JSON.stringify({
    __type: 'com.amazonaws.timestream.v20181101#RejectedRecordsException',
    message: 'One or more records have been rejected.',
    RejectedRecords,
  });
  return { status: 419, body: Buffer.from(body), headers: HEADERS };
}
