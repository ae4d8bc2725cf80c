import { join } from 'node:path';
import type { AskMsk } from '../../../functions/adapters/kafka/bootstrap-brokers.ts';
import { openKafkaLog } from '../../../functions/adapters/kafka/open-kafka-log.ts';
import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { Log } from '../../../shared/log/log.ts';
import { describeFaults, parseKafkaSettings } from '../../../shared/settings/kafka-settings.ts';
import { openEmbeddedLog } from '../log/embedded-log.ts';

/** So long the members of a killed run hold up its next start: a person waits for it. */
const SESSION_TIMEOUT_MS = 10_000;

/** The log that the environment asks for: Kafka where brokers are named, else the embedded one in the folder. */
export async function openLog(
  environment: Readonly<Record<string, string | undefined>>,
  dir: string,
  clock: Clock,
): Promise<Log> {
  const parsed = parseKafkaSettings(environment);
  switch (parsed.kind) {
    case 'kafka':
      return openKafkaLog(parsed.settings, { clock, askMsk, sessionTimeoutMs: SESSION_TIMEOUT_MS });
    case 'faults':
      throw new CodedError('SETTINGS_INVALID', describeFaults(parsed.faults));
    case 'none':
      return openEmbeddedLog({ dir: join(dir, 'log'), clock });
  }
}

/** MSK's client is loaded only where a cluster's ARN is set. */
const askMsk: AskMsk = async (clusterArn) =>
  (await import('../../../functions/adapters/kafka/ask-msk.ts')).askMsk(clusterArn);
