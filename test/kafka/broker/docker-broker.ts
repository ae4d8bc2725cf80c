import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, isListening } from './free-port.ts';
import { serverProperties } from './server-properties.ts';
import { type TestBroker, USER } from './test-broker.ts';

const run = promisify(execFile);
const IMAGE = 'apache/kafka:4.1.1';
const START_DEADLINE_MS = 180_000;

/** The same broker in a container; every port of it is published on the loopback alone. */
export async function startDockerBroker(): Promise<TestBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-broker-'));
  const ports = {
    plain: await freePort(),
    sasl: await freePort(),
    proxied: await freePort(),
    advertisedProxy: await freePort(),
    controller: await freePort(),
  };
  writeFileSync(join(folder, 'server.properties'), serverProperties('/tmp/kraft-data', ports, '0.0.0.0'));
  const publish = [ports.plain, ports.sasl, ports.proxied].flatMap((port) => [
    '-p',
    `127.0.0.1:${port}:${port}`,
  ]);
  const mount = ['-v', `${folder}:/mnt/shared/config:ro`];
  const { stdout } = await run('docker', ['run', '-d', ...publish, ...mount, IMAGE]);
  const container = stdout.trim();
  const listening = async () => {
    const deadline = Date.now() + START_DEADLINE_MS;
    // A published port accepts before the broker does: ask the broker itself.
    const ask = ['exec', container, '/opt/kafka/bin/kafka-broker-api-versions.sh', '--bootstrap-server'];
    for (;;) {
      if (await isListening(ports.plain)) {
        const answers = run('docker', [...ask, `127.0.0.1:${ports.plain}`]).then(
          () => true,
          () => false,
        );
        if (await answers) return;
      }
      if (Date.now() > deadline) throw new Error('the broker does not listen');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };
  await listening();
  await run('docker', [
    ...[
      'exec',
      container,
      '/opt/kafka/bin/kafka-configs.sh',
      '--bootstrap-server',
      `127.0.0.1:${ports.plain}`,
    ],
    ...['--alter', '--entity-type', 'users', '--entity-name', USER.username],
    ...['--add-config', `SCRAM-SHA-512=[password=${USER.password}]`],
  ]);
  return {
    kind: `Docker, ${IMAGE}`,
    plain: `127.0.0.1:${ports.plain}`,
    own: {
      sasl: `127.0.0.1:${ports.sasl}`,
      proxied: { advertisedPort: ports.advertisedProxy, port: ports.proxied },
      consumerGroups: async (...args) => {
        const tool = '/opt/kafka/bin/kafka-consumer-groups.sh';
        const server = ['--bootstrap-server', `127.0.0.1:${ports.plain}`];
        return (await run('docker', ['exec', container, tool, ...server, ...args])).stdout;
      },
      kill: async () => {
        await run('docker', ['kill', '--signal', 'KILL', container]);
      },
      start: async () => {
        await run('docker', ['start', container]);
        await listening();
      },
    },
    close: async () => {
      await run('docker', ['rm', '-f', container]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
