import { CodedError } from '../coded-error.ts';
import { type Given, readSettings } from './read-settings.ts';
import { SETTINGS, type Settings } from './settings.ts';

type Name = keyof typeof SETTINGS;

const TOPICS = [
  'rawTradesTopic',
  'rawQuotesTopic',
  'tradesTopic',
  'quotesTopic',
  'deadLettersTopic',
  'ledgerTopic',
  'auditsTopic',
  'alertsTopic',
] as const satisfies readonly Name[];

/** What proves a function to the brokers; their addresses come with the event. */
const PROOF = ['kafkaSecurityProtocol', 'kafkaSaslMechanism'] as const satisfies readonly Name[];

/** Everything that ships on its own. */
export type Deployable = keyof typeof DEPLOYABLE_SETTINGS;

/**
 * The settings that each deployable reads, and that the infrastructure therefore sets: no more and no fewer. A
 * test holds both sides to it.
 */
export const DEPLOYABLE_SETTINGS = {
  ingest: [
    'symbols',
    'streams',
    'streamUrl',
    'restUrl',
    'timeUnit',
    'reconnectDelayS',
    'maxReconnectDelayS',
    'gapWaitMs',
    'resumeBoundS',
    'ingestTask',
    'healthPort',
    'mskClusterArn',
    'metricNamespace',
    ...PROOF,
    ...TOPICS,
  ],
  operator: [
    'allowedSymbols',
    'stateTable',
    'timestreamDatabase',
    'watermarkDelayMs',
    'mskClusterArn',
    ...PROOF,
    ...TOPICS,
  ],
  validate: ['allowedSymbols', 'metricSymbols', 'metricNamespace', ...PROOF, ...TOPICS],
  aggregate: [
    'metricSymbols',
    'metricNamespace',
    'stateTable',
    'timestreamDatabase',
    'watermarkDelayMs',
    'keepEvents',
    ...PROOF,
    ...TOPICS,
  ],
  'dead-letter': ['timestreamDatabase', 'metricNamespace', ...TOPICS],
  notify: [
    'slackWebhookSecretArn',
    'stateTable',
    'notifyQueueUrl',
    'alarmPrefix',
    'metricNamespace',
    'timestreamDatabase',
    'grafanaUrl',
    'runbookUrl',
  ],
} as const satisfies Readonly<Record<string, readonly Name[]>>;

/** Another Kafka than MSK. */
const OTHER_KAFKA = [
  'kafkaBootstrapServers',
  'kafkaUsername',
  'kafkaPassword',
  'kafkaCompression',
  'kafkaLingerMs',
  'kafkaClientId',
  'awsRegion',
] as const satisfies readonly Name[];

/** What is also taken where nothing runs on AWS: another Kafka than MSK, an emulator for the store. */
const ELSEWHERE: Readonly<Record<Deployable, readonly Name[]>> = {
  ingest: OTHER_KAFKA,
  operator: [...OTHER_KAFKA, 'awsEndpointUrlTimestreamWrite', 'awsEndpointUrlTimestreamQuery'],
  validate: [],
  aggregate: ['awsEndpointUrlTimestreamWrite'],
  'dead-letter': ['awsEndpointUrlTimestreamWrite'],
  notify: [
    'slackWebhookUrl',
    'slackWebhookUrlInfo',
    'slackWebhookUrlWarning',
    'slackWebhookUrlCritical',
    'awsEndpointUrlTimestreamQuery',
  ],
};

/** The variables of a deployable, as the infrastructure sets them. */
export function deployableVariables(deployable: Deployable): readonly string[] {
  return DEPLOYABLE_SETTINGS[deployable].map((name) => SETTINGS[name].name);
}

/** The variables that a deployable may read beside: none of them is set on AWS. */
export function variablesElsewhere(deployable: Deployable): readonly string[] {
  return ELSEWHERE[deployable].map((name) => SETTINGS[name].name);
}

/**
 * Reads the settings of one deployable and asks the environment for no others: those have their defaults.
 * @throws CodedError `SETTINGS_INVALID` with every fault, each naming its variable.
 */
export function readDeployableSettings(deployable: Deployable, environment: Given): Settings {
  const asked = [...deployableVariables(deployable), ...variablesElsewhere(deployable)];
  const given = Object.fromEntries(asked.map((name) => [name, environment[name]]));
  const read = readSettings(given);
  if (read.kind === 'settings') return read.settings;
  const faults = read.faults.map((fault) => fault.message);
  throw new CodedError('SETTINGS_INVALID', faults.join('\n'), { data: { faults } });
}
