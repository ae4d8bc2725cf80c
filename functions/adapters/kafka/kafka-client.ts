import kafkajs, { type Kafka, type KafkaConfig, type LogEntry, type SASLOptions } from 'kafkajs';
import type { KafkaSecurity, KafkaSettings } from '../../../shared/settings/kafka-settings.ts';
import { registerCodecs } from './codecs.ts';
import { cureKafkajs } from './kafkajs-internals.ts';

/** Gives a login token of MSK IAM for a region; given in tests. */
export type IamToken = (region: string) => Promise<string>;

/** A line that kafkajs would log. */
export type KafkaLogLine = (level: 'error' | 'warn', message: string, data: object) => void;

/** What the client is made with beside its settings. */
export interface KafkaClientDeps {
  readonly iamToken?: IamToken;
  /** Where kafkajs' warnings and errors go. @default nowhere: whoever called is told by the errors thrown */
  readonly onLog?: KafkaLogLine;
}

const CONNECTION_TIMEOUT_MS = 5000;
const LOGIN_TIMEOUT_MS = 10_000;
/** A stalled connection is given up after this; longer than any wait that a healthy broker asks for. */
const REQUEST_TIMEOUT_MS = 10_000;

/** The kafkajs client that every part of the log uses: secured as the settings say, polling loop cured. */
export function createKafkaClient(
  settings: KafkaSettings,
  brokers: readonly string[],
  deps: KafkaClientDeps = {},
): Kafka {
  cureKafkajs();
  registerCodecs();
  const { onLog } = deps;
  const config: KafkaConfig = {
    clientId: settings.clientId,
    brokers: [...brokers],
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    authenticationTimeout: LOGIN_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 5 },
    logLevel: onLog === undefined ? kafkajs.logLevel.NOTHING : kafkajs.logLevel.WARN,
    logCreator: () => (entry) => tell(entry, onLog),
    ...security(settings.security, deps.iamToken ?? iamToken),
  };
  return new kafkajs.Kafka(config);
}

function security(secured: KafkaSecurity, token: IamToken): { ssl?: boolean; sasl?: SASLOptions } {
  switch (secured.kind) {
    case 'plaintext':
      return {};
    case 'tls':
      return { ssl: true };
    case 'password': {
      const { mechanism, username, password } = secured;
      return { ssl: secured.tls, sasl: { mechanism, username, password } };
    }
    case 'aws-msk-iam': {
      const oauthBearerProvider = async () => ({ value: await token(secured.region) });
      return { ssl: true, sasl: { mechanism: 'oauthbearer', oauthBearerProvider } };
    }
  }
}

async function iamToken(region: string): Promise<string> {
  // Only here: without IAM nobody waits for the signer to load.
  const { generateAuthToken } = await import('aws-msk-iam-sasl-signer-js');
  return (await generateAuthToken({ region })).token;
}

function tell(entry: LogEntry, onLog: KafkaLogLine | undefined): void {
  const level = entry.level === kafkajs.logLevel.ERROR ? 'error' : 'warn';
  const { message, timestamp: _, ...data } = entry.log;
  onLog?.(level, message, data);
}
