import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A CloudFormation (and what it makes) on loopback: moto's server. */
export interface MotoServer {
  readonly url: string;
  /** Calls a service that speaks the query protocol: `Action=…` as a form; gives the XML. */
  query(service: string, fields: Readonly<Record<string, string>>): Promise<string>;
  /** Calls a service that speaks JSON. */
  json(service: string, target: string, body: unknown): Promise<unknown>;
  /** Puts an object, or makes a bucket where there is no body. */
  putS3(path: string, body?: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Why there is no moto here, or false. */
export const skipWithoutMoto: string | false =
  spawnSync('moto_server', ['--help'], { timeout: 20_000 }).status === 0
    ? false
    : "no moto_server on the PATH; pip install 'moto[server]' brings it";

export const REGION = 'us-east-1';

export async function startMoto(): Promise<MotoServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
  });
  const headers = (service: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=test/20261121/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
  });
  const deadline = Date.now() + 30_000;
  for (;;) {
    const up = await fetch(`${url}/moto-api/`).then(
      (response) => response.ok,
      () => false,
    );
    if (up) break;
    if (Date.now() > deadline || child.exitCode !== null) throw new Error('moto_server did not start');
    await delay(100);
  }
  const text = async (response: Response): Promise<string> => {
    const body = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${body.slice(0, 2_000)}`);
    return body;
  };
  return {
    url,
    query: async (service, fields) =>
      text(
        await fetch(url, { method: 'POST', headers: headers(service), body: new URLSearchParams(fields) }),
      ),
    json: async (service, target, body) =>
      JSON.parse(
        await text(
          await fetch(url, {
            method: 'POST',
            headers: {
              ...headers(service),
              'x-amz-target': target,
              'content-type': 'application/x-amz-json-1.1',
            },
            body: JSON.stringify(body),
          }),
        ),
      ),
    putS3: async (path, body) => {
      await text(
        await fetch(`${url}/${path}`, {
          method: 'PUT',
          headers: headers('s3'),
          ...(body !== undefined && { body: new Uint8Array(body) }),
        }),
      );
    },
    close: async () => {
      child.kill('SIGTERM');
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
