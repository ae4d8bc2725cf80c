import { type KafkaLogDeps, openKafkaLog } from '../../functions/adapters/kafka/open-kafka-log.ts';
import type { Log } from '../../shared/log/log.ts';
import type { KafkaSettings } from '../../shared/settings/kafka-settings.ts';
import { wallClock } from '../infra/local/log/wall-clock.ts';

/** A Kafka log for tests: short sessions, so that a dead member is noticed soon. */
export async function openTestLog(
  server: string,
  settings: Partial<KafkaSettings> = {},
  deps: Partial<KafkaLogDeps> = {},
): Promise<Log> {
  const log = await openKafkaLog(
    {
      brokers: { kind: 'servers', servers: server.split(',') },
      security: { kind: 'plaintext' },
      clientId: 'test',
      compression: 'zstd',
      lingerMs: 2,
      ...settings,
    },
    { clock: wallClock, sessionTimeoutMs: 6000, ...deps },
  );
  opened.push(log);
  return log;
}

const opened: Log[] = [];

/** Closes every log that was opened here, so that a failed test does not keep its process alive. */
export async function closeTestLogs(): Promise<void> {
  await Promise.all(opened.map((log) => log.close()));
}

let count = 0;

/** A name that no other test or run uses. */
export function freshName(what: string): string {
  return `${what}-${process.pid}-${Date.now()}-${++count}`;
}
