/** Where the brokers are found. */
export type BrokerSource =
  | { readonly kind: 'servers'; readonly servers: readonly string[] }
  | { readonly kind: 'msk'; readonly clusterArn: string };

/** How the connections are secured. */
export type KafkaSecurity =
  | { readonly kind: 'plaintext' }
  | { readonly kind: 'tls' }
  | {
      readonly kind: 'password';
      readonly mechanism: 'plain' | 'scram-sha-512';
      readonly tls: boolean;
      readonly username: string;
      readonly password: string;
    }
  | { readonly kind: 'aws-msk-iam'; readonly region: string };

/** How batches are compressed. */
export type KafkaCompression = 'zstd' | 'lz4' | 'gzip' | 'none';

/** What a Kafka log is opened with. */
export interface KafkaSettings {
  readonly brokers: BrokerSource;
  readonly security: KafkaSecurity;
  /** Names this program to the brokers. @default market-monitor */
  readonly clientId: string;
  /** @default zstd */
  readonly compression: KafkaCompression;
  /** How long a batch gathers while nothing is on its way. @default 3 */
  readonly lingerMs: number;
}

/** A setting that cannot be used: its name, and a sentence that says what is allowed. */
export interface SettingFault {
  readonly name: string;
  readonly message: string;
}

/** `none`: no Kafka is asked for, so the embedded log is used. */
export type ParsedKafkaSettings =
  | { readonly kind: 'none' }
  | { readonly kind: 'kafka'; readonly settings: KafkaSettings }
  | { readonly kind: 'faults'; readonly faults: readonly SettingFault[] };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `KAFKA_BOOTSTRAP_SERVERS` or `MSK_CLUSTER_ARN`, `KAFKA_SECURITY_PROTOCOL`, `KAFKA_SASL_MECHANISM`,
 * `KAFKA_USERNAME`, `KAFKA_PASSWORD`, `KAFKA_COMPRESSION`, `KAFKA_LINGER_MS`, and `AWS_REGION` for IAM.
 * With an MSK cluster and no protocol named, IAM is used. Empty text counts as not set.
 */
export function parseKafkaSettings(env: Environment): ParsedKafkaSettings {
  const faults: SettingFault[] = [];
  const brokers = parseBrokers(env, faults);
  if (brokers === undefined && faults.length === 0) return { kind: 'none' };
  const security = parseSecurity(env, brokers, faults);
  const compression = oneOf(env, 'KAFKA_COMPRESSION', ['zstd', 'lz4', 'gzip', 'none'], 'zstd', faults);
  const lingerMs = Number(read(env, 'KAFKA_LINGER_MS') ?? 3);
  if (!Number.isInteger(lingerMs) || lingerMs < 0 || lingerMs > 1000) {
    faults.push({ name: 'KAFKA_LINGER_MS', message: 'must be whole milliseconds from 0 to 1000.' });
  }
  if (brokers === undefined || security === undefined || compression === undefined || faults.length > 0) {
    return { kind: 'faults', faults };
  }
  return {
    kind: 'kafka',
    settings: {
      brokers,
      security,
      compression,
      lingerMs,
      clientId: read(env, 'KAFKA_CLIENT_ID') ?? 'market-monitor',
    },
  };
}

/** The faults as one text, each with its setting's name. */
export function describeFaults(faults: readonly SettingFault[]): string {
  return faults.map(({ name, message }) => `${name} ${message}`).join('\n');
}

function parseBrokers(env: Environment, faults: SettingFault[]): BrokerSource | undefined {
  const servers = read(env, 'KAFKA_BOOTSTRAP_SERVERS');
  const clusterArn = read(env, 'MSK_CLUSTER_ARN');
  if (servers !== undefined && clusterArn !== undefined) {
    faults.push({
      name: 'MSK_CLUSTER_ARN',
      message: 'cannot be set beside KAFKA_BOOTSTRAP_SERVERS: leave one out.',
    });
    return undefined;
  }
  if (servers !== undefined) return parseServers(servers, faults);
  if (clusterArn === undefined) return undefined;
  if (!/^arn:aws[\w-]*:kafka:[\w-]+:\d{12}:cluster\/.+$/.test(clusterArn)) {
    faults.push({ name: 'MSK_CLUSTER_ARN', message: `is no ARN of an MSK cluster: ${clusterArn}` });
    return undefined;
  }
  return { kind: 'msk', clusterArn };
}

function parseServers(text: string, faults: SettingFault[]): BrokerSource | undefined {
  const servers = text.split(',').map((server) => server.trim());
  const wrong = servers.find((server) => {
    const port = Number(/^(?:\[[\da-fA-F:]+\]|[\w.-]+):(\d{1,5})$/.exec(server)?.[1]);
    return !(port >= 1 && port <= 65_535);
  });
  if (wrong === undefined) return { kind: 'servers', servers };
  faults.push({
    name: 'KAFKA_BOOTSTRAP_SERVERS',
    message: `must be host:port, several separated by commas; this is not: '${wrong}'.`,
  });
  return undefined;
}

function parseSecurity(
  env: Environment,
  brokers: BrokerSource | undefined,
  faults: SettingFault[],
): KafkaSecurity | undefined {
  const isMsk = brokers?.kind === 'msk';
  const protocol = oneOf(
    env,
    'KAFKA_SECURITY_PROTOCOL',
    ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'],
    isMsk ? 'SASL_SSL' : 'PLAINTEXT',
    faults,
  );
  if (protocol === undefined) return undefined;
  if (protocol === 'PLAINTEXT') return { kind: 'plaintext' };
  if (protocol === 'SSL') return { kind: 'tls' };
  const mechanism = oneOf(
    env,
    'KAFKA_SASL_MECHANISM',
    ['PLAIN', 'SCRAM-SHA-512', 'AWS_MSK_IAM'],
    isMsk ? 'AWS_MSK_IAM' : undefined,
    faults,
  );
  if (mechanism === undefined) return undefined;
  if (mechanism === 'AWS_MSK_IAM') return parseIam(env, protocol, brokers, faults);
  const username = required(env, 'KAFKA_USERNAME', mechanism, faults);
  const password = required(env, 'KAFKA_PASSWORD', mechanism, faults);
  if (username === undefined || password === undefined) return undefined;
  return {
    kind: 'password',
    mechanism: mechanism === 'PLAIN' ? 'plain' : 'scram-sha-512',
    tls: protocol === 'SASL_SSL',
    username,
    password,
  };
}

function parseIam(
  env: Environment,
  protocol: string,
  brokers: BrokerSource | undefined,
  faults: SettingFault[],
): KafkaSecurity | undefined {
  if (protocol !== 'SASL_SSL') {
    faults.push({ name: 'KAFKA_SECURITY_PROTOCOL', message: 'must be SASL_SSL with AWS_MSK_IAM.' });
    return undefined;
  }
  const ofArn = brokers?.kind === 'msk' ? brokers.clusterArn.split(':')[3] : undefined;
  const region = ofArn ?? read(env, 'AWS_REGION');
  if (region !== undefined) return { kind: 'aws-msk-iam', region };
  faults.push({ name: 'AWS_REGION', message: 'must be set for AWS_MSK_IAM: the region of the cluster.' });
  return undefined;
}

function required(
  env: Environment,
  name: string,
  mechanism: string,
  faults: SettingFault[],
): string | undefined {
  const value = read(env, name);
  if (value === undefined)
    faults.push({ name, message: `must be set for KAFKA_SASL_MECHANISM ${mechanism}.` });
  return value;
}

function oneOf<Choice extends string>(
  env: Environment,
  name: string,
  choices: readonly Choice[],
  otherwise: Choice | undefined,
  faults: SettingFault[],
): Choice | undefined {
  const text = read(env, name);
  const choice = text === undefined ? otherwise : choices.find((candidate) => candidate === text);
  if (choice === undefined) {
    const but = text === undefined ? 'it is not set' : `not '${text}'`;
    faults.push({ name, message: `must be one of ${choices.join(', ')}; ${but}.` });
  }
  return choice;
}

function read(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}
