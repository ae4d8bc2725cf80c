import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type EmulatorApi, emulatorApi, unsigned } from '../../../../infra/aws/emulator/emulator-api.ts';
import { freePort } from '../../../kafka/broker/free-port.ts';
import { motoFolder } from './install-moto.ts';

/** A CloudFormation (and what it makes) on loopback: moto's server. */
export interface MotoServer extends EmulatorApi {
  /** `http://127.0.0.1:port`. */
  readonly endpoint: string;
  /** Calls a service that speaks JSON. */
  json(service: string, target: string, body: unknown): Promise<unknown>;
  /** Puts an object, or makes a bucket where there is no body. */
  putS3(path: string, body?: Buffer): Promise<void>;
  /** Forgets everything. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function startMoto(): Promise<MotoServer> {
  const env = { ...process.env, PYTHONPATH: await motoFolder() };
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn('python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    env,
  });
  const deadline = Date.now() + 60_000;
  for (;;) {
    const up = await fetch(`${endpoint}/moto-api/`).then(
      (response) => response.ok,
      () => false,
    );
    if (up) break;
    if (Date.now() > deadline || child.exitCode !== null) throw new Error('moto’s server did not start');
    await delay(100);
  }
  const send = async (path: string, init: RequestInit): Promise<string> => {
    const response = await fetch(`${endpoint}/${path}`, init);
    const body = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${body.slice(0, 2_000)}`);
    return body;
  };
  return {
    endpoint,
    ...emulatorApi(endpoint),
    json: async (service, target, body) => {
      const headers = {
        authorization: unsigned(service),
        'x-amz-target': target,
        'content-type': 'application/x-amz-json-1.1',
      };
      return JSON.parse(await send('', { method: 'POST', headers, body: JSON.stringify(body) }));
    },
    putS3: async (path, body) => {
      const headers = { authorization: unsigned('s3') };
      await send(path, { method: 'PUT', headers, ...(body !== undefined && { body: new Uint8Array(body) }) });
    },
    reset: async () => {
      await send('moto-api/reset', { method: 'POST' });
    },
    close: async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
