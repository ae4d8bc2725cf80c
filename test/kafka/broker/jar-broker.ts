import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, isListening } from './free-port.ts';
import { kafkaClassPath } from './kafka-jars.ts';
import { serverProperties } from './server-properties.ts';
import { type TestBroker, USER } from './test-broker.ts';

const run = promisify(execFile);
const START_DEADLINE_MS = 90_000;
/** Small and quick to start; it serves tests. */
const JVM = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

/** Apache Kafka from its own jars, in KRaft mode, on the loopback, with a data folder that is thrown away. */
export async function startJarBroker(): Promise<TestBroker> {
  const classPath = await kafkaClassPath();
  const folder = mkdtempSync(join(tmpdir(), 'kafka-broker-'));
  const config = join(folder, 'server.properties');
  const ports = {
    plain: await freePort(),
    sasl: await freePort(),
    proxied: await freePort(),
    advertisedProxy: await freePort(),
    controller: await freePort(),
  };
  writeFileSync(config, serverProperties(join(folder, 'data'), ports));
  const clusterId = randomBytes(16).toString('base64url');
  const user = `SCRAM-SHA-512=[name=${USER.username},password=${USER.password}]`;
  const format = [
    'kafka.tools.StorageTool',
    'format',
    `--cluster-id=${clusterId}`,
    '-c',
    config,
    '--add-scram',
    user,
  ];
  await run('java', [...JVM, '-cp', classPath, ...format]);

  let broker: ChildProcess | undefined;
  const start = async () => {
    const started = spawn('java', [...JVM, '-cp', classPath, 'kafka.Kafka', config], { stdio: 'ignore' });
    broker = started;
    const deadline = Date.now() + START_DEADLINE_MS;
    while (!(await isListening(ports.plain))) {
      if (started.exitCode !== null) throw new Error(`the broker ended with ${started.exitCode}`);
      if (Date.now() > deadline) throw new Error('the broker does not listen');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const kill = async () => {
    const running = broker;
    broker = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    kind: 'Apache Kafka from Maven Central',
    plain: `127.0.0.1:${ports.plain}`,
    own: {
      sasl: `127.0.0.1:${ports.sasl}`,
      proxied: { advertisedPort: ports.advertisedProxy, port: ports.proxied },
      consumerGroups: async (...args) => {
        const tool = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';
        const server = ['--bootstrap-server', `127.0.0.1:${ports.plain}`];
        return (await run('java', [...JVM, '-cp', classPath, tool, ...server, ...args])).stdout;
      },
      kill,
      start,
    },
    close: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
