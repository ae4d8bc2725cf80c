import { DEFAULT_TOPIC_NAMES, type TopicNames } from '../log/topics.ts';
import { METRIC_NAMESPACE } from '../metrics/metric-catalogue.ts';
import { STREAM_TYPES, type StreamType } from '../stream-type.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import {
  address,
  decimal,
  listOf,
  oneOf,
  optionalAddress,
  optionalText,
  type Parsed,
  type Setting,
  text,
  whole,
} from './setting.ts';

const SYMBOL = /^[\p{L}\p{N}._-]{1,32}$/u;
const NAMESPACE = /^[a-zA-Z0-9._/#:-]{1,255}$/;
const TOPIC = /^[a-zA-Z0-9._-]{1,249}$/;

function symbol(given: string): Parsed<string> {
  return SYMBOL.test(given) ? { value: given.toUpperCase() } : undefined;
}

function streamType(given: string): Parsed<StreamType> {
  const value = STREAM_TYPES.find((type) => type === given);
  return value === undefined ? undefined : { value };
}

function topic(name: string, byDefault: string, holds: string): Setting<string> {
  return {
    ...text({ name, default: byDefault, meaning: `The topic of ${holds}.` }),
    allowed: 'up to 249 letters, digits, dots, dashes and underscores',
    parse: (given) => (TOPIC.test(given) ? { value: given } : undefined),
  };
}

/** Every setting of the monitor, in the order in which `--help` and `.env.example` list them. */
export const SETTINGS = {
  symbols: listOf(
    { name: 'SYMBOLS', flag: 'symbols', default: 'BTCUSDT,ETHUSDT,BNBUSDT', meaning: 'The pairs to watch.' },
    'symbols of Binance spot, separated by commas',
    symbol,
  ),
  streams: listOf(
    {
      name: 'STREAMS',
      flag: 'streams',
      default: STREAM_TYPES.join(','),
      meaning:
        'The stream types to watch; without trade a symbol has no candles, without bookTicker no spreads.',
    },
    `some of ${STREAM_TYPES.join(', ')}, separated by commas`,
    streamType,
  ),
  streamUrl: address(
    {
      name: 'BINANCE_STREAM_URL',
      flag: 'stream-url',
      default: 'wss://data-stream.binance.vision',
      meaning: 'Where the streams come from: Binance.com, Binance.US, the testnet, or the local exchange.',
    },
    ['wss', 'ws'],
  ),
  restUrl: address(
    {
      name: 'BINANCE_REST_URL',
      flag: 'rest-url',
      default: 'https://api.binance.com',
      meaning:
        'Where missing trades are fetched by id; where it refuses, https://data-api.binance.vision gives aggregates instead.',
    },
    ['https', 'http'],
  ),
  timeUnit: oneOf(
    {
      name: 'BINANCE_TIME_UNIT',
      default: 'MILLISECOND',
      meaning: 'The unit in which the exchange sends its times.',
    },
    ['MILLISECOND', 'MICROSECOND'],
  ),
  reconnectDelayS: decimal(
    {
      name: 'RECONNECT_DELAY_S',
      default: '1',
      meaning: 'The wait before the first attempt to reconnect; it doubles.',
    },
    { min: 0.1, max: 60 },
  ),
  maxReconnectDelayS: decimal(
    {
      name: 'MAX_RECONNECT_DELAY_S',
      default: '60',
      meaning: 'The longest wait between attempts to reconnect.',
    },
    { min: 0.1, max: 3_600 },
  ),
  gapWaitMs: whole(
    {
      name: 'GAP_WAIT_MS',
      default: '10000',
      meaning:
        'How long newer trades of a symbol wait behind missing ones before they go on and the gap is filled late.',
    },
    { min: 0, max: 300_000 },
  ),
  resumeBoundS: whole(
    {
      name: 'RESUME_BOUND_S',
      default: '21600',
      meaning:
        'After a longer stop than this, what passed meanwhile is not fetched: a new watch session begins.',
    },
    { min: 0, max: 604_800 },
  ),
  ingestTask: text({
    name: 'INGEST_TASK',
    default: 'ingest',
    meaning: 'The name under which ingest keeps its ledger; a standby that runs beside it has another.',
  }),
  healthPort: whole(
    {
      name: 'HEALTH_PORT',
      flag: 'health-port',
      default: '8080',
      meaning: 'Serves /health and /ready; 0 picks a free port.',
    },
    { min: 0, max: 65_535 },
  ),
  kafkaBootstrapServers: optionalText(
    {
      name: 'KAFKA_BOOTSTRAP_SERVERS',
      meaning: 'The brokers of the log; without them and MSK_CLUSTER_ARN it is the embedded one.',
    },
    'host:port, separated by commas',
  ),
  mskClusterArn: optionalText(
    { name: 'MSK_CLUSTER_ARN', meaning: 'The Amazon MSK cluster whose brokers are asked for at start.' },
    'arn:aws:kafka:…',
  ),
  kafkaSecurityProtocol: optionalText(
    {
      name: 'KAFKA_SECURITY_PROTOCOL',
      meaning: 'How the brokers are spoken to; PLAINTEXT by default, SASL_SSL with an MSK cluster.',
    },
    'PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL',
  ),
  kafkaSaslMechanism: optionalText(
    {
      name: 'KAFKA_SASL_MECHANISM',
      meaning:
        'How this client proves itself, with a SASL protocol; AWS_MSK_IAM by default with an MSK cluster.',
    },
    'PLAIN, SCRAM-SHA-512 or AWS_MSK_IAM',
  ),
  kafkaUsername: optionalText({ name: 'KAFKA_USERNAME', meaning: 'The user of PLAIN and SCRAM.' }),
  kafkaPassword: optionalText({
    name: 'KAFKA_PASSWORD',
    isSecret: true,
    meaning: 'The password of PLAIN and SCRAM.',
  }),
  kafkaCompression: optionalText(
    { name: 'KAFKA_COMPRESSION', meaning: 'How batches are compressed; zstd by default.' },
    'zstd, lz4, gzip or none',
  ),
  kafkaLingerMs: optionalText(
    {
      name: 'KAFKA_LINGER_MS',
      meaning: 'How long a batch gathers while nothing is on its way; 3 by default.',
    },
    'whole milliseconds from 0 to 1000',
  ),
  kafkaClientId: optionalText({
    name: 'KAFKA_CLIENT_ID',
    meaning: 'Names this program to the brokers; market-monitor by default.',
  }),
  awsRegion: optionalText(
    { name: 'AWS_REGION', meaning: 'The region of AWS; the SDK reads it itself.' },
    'such as eu-west-1',
  ),
  rawTradesTopic: topic('KAFKA_RAW_TRADES_TOPIC', DEFAULT_TOPIC_NAMES.rawTrades, 'trade frames as received'),
  rawQuotesTopic: topic('KAFKA_RAW_QUOTES_TOPIC', DEFAULT_TOPIC_NAMES.rawQuotes, 'quote frames as received'),
  tradesTopic: topic(
    'KAFKA_TRADES_TOPIC',
    DEFAULT_TOPIC_NAMES.trades,
    'validated trades, aggTrades and klines',
  ),
  quotesTopic: topic('KAFKA_QUOTES_TOPIC', DEFAULT_TOPIC_NAMES.quotes, 'validated quotes'),
  deadLettersTopic: topic('KAFKA_DLQ_TOPIC', DEFAULT_TOPIC_NAMES.deadLetters, 'dead letters'),
  ledgerTopic: topic('KAFKA_LEDGER_TOPIC', DEFAULT_TOPIC_NAMES.ledger, 'the trade ids seen, compacted'),
  auditsTopic: topic('KAFKA_AUDITS_TOPIC', DEFAULT_TOPIC_NAMES.audits, 'requests for a kline'),
  alertsTopic: topic('KAFKA_ALERTS_TOPIC', DEFAULT_TOPIC_NAMES.alerts, 'market signals'),
  awsEndpointUrl: optionalAddress(
    { name: 'AWS_ENDPOINT_URL', meaning: 'An emulator that answers for AWS; the SDK reads it itself.' },
    ['http', 'https'],
  ),
  awsEndpointUrlTimestreamWrite: optionalAddress(
    { name: 'AWS_ENDPOINT_URL_TIMESTREAM_WRITE', meaning: 'Another endpoint for writing rows.' },
    ['http', 'https'],
  ),
  awsEndpointUrlTimestreamQuery: optionalAddress(
    { name: 'AWS_ENDPOINT_URL_TIMESTREAM_QUERY', meaning: 'Another endpoint for queries.' },
    ['http', 'https'],
  ),
  timestreamDatabase: text({
    name: 'TIMESTREAM_DATABASE',
    default: 'market',
    meaning: 'The database of the rows.',
  }),
  watermarkDelayMs: whole(
    {
      name: 'WATERMARK_DELAY_MS',
      default: '10000',
      meaning: 'How far the watermark stays behind the newest event time: what is later revises its window.',
    },
    { min: 0, max: 3_600_000 },
  ),
  slackWebhookUrl: optionalAddress(
    { name: 'SLACK_WEBHOOK_URL', isSecret: true, meaning: 'Where alarms are posted.' },
    ['https', 'http'],
  ),
  slackWebhookSecretArn: optionalText(
    { name: 'SLACK_WEBHOOK_SECRET_ARN', meaning: 'The secret that holds the webhook, on AWS.' },
    'arn:aws:secretsmanager:…',
  ),
  slackWebhookUrlInfo: optionalAddress(
    {
      name: 'SLACK_WEBHOOK_URL_INFO',
      isSecret: true,
      meaning: 'Where alarms of severity info are posted instead.',
    },
    ['https', 'http'],
  ),
  slackWebhookUrlWarning: optionalAddress(
    {
      name: 'SLACK_WEBHOOK_URL_WARNING',
      isSecret: true,
      meaning: 'Where alarms of severity warning are posted instead.',
    },
    ['https', 'http'],
  ),
  slackWebhookUrlCritical: optionalAddress(
    {
      name: 'SLACK_WEBHOOK_URL_CRITICAL',
      isSecret: true,
      meaning: 'Where alarms of severity critical are posted instead.',
    },
    ['https', 'http'],
  ),
  grafanaUrl: optionalAddress(
    { name: 'GRAFANA_URL', meaning: 'Where the dashboards are; alerts link to them.' },
    ['https', 'http'],
  ),
  runbookUrl: optionalAddress(
    { name: 'RUNBOOK_URL', meaning: 'Where the repository can be read; alerts link to the runbooks in it.' },
    ['https', 'http'],
  ),
  stateTable: text(
    {
      name: 'STATE_TABLE',
      default: 'market-monitor-state',
      meaning: 'The DynamoDB table of the windows and the incidents.',
    },
    'the name of a table',
  ),
  notifyQueueUrl: optionalAddress(
    { name: 'NOTIFY_QUEUE_URL', meaning: 'The queue of notify, to which it sends its own wake-ups.' },
    ['https', 'http'],
  ),
  allowedSymbols: listOf(
    {
      name: 'ALLOWED_SYMBOLS',
      default: '*',
      meaning: 'The symbols that validate lets through, on AWS; * lets all.',
    },
    '* or symbols of Binance spot, separated by commas',
    (given) => (given === '*' ? { value: given } : symbol(given)),
  ),
  metricSymbols: listOf(
    {
      name: 'METRIC_SYMBOLS',
      default: 'BTCUSDT,ETHUSDT,BNBUSDT',
      meaning: 'The symbols with metrics of their own, on AWS; the first 20 of those watched.',
    },
    'symbols of Binance spot, separated by commas',
    symbol,
  ),
  metricNamespace: {
    ...text({
      name: 'METRIC_NAMESPACE',
      default: METRIC_NAMESPACE,
      meaning: 'The CloudWatch namespace of the metrics, on AWS; a deployment of another name has another.',
    }),
    allowed: 'up to 255 letters, digits and . - _ / # :, not beginning with AWS/',
    parse: (given: string): Parsed<string> =>
      NAMESPACE.test(given) && !given.startsWith('AWS/') ? { value: given } : undefined,
  },
  alarmPrefix: optionalText(
    { name: 'ALARM_PREFIX', meaning: 'What the names of the alarms begin with, on AWS.' },
    'the name of the deployment and a dash',
  ),
  keepEvents: oneOf(
    {
      name: 'KEEP_EVENTS',
      default: 'no',
      meaning: 'Whether every trade and quote becomes a row, on AWS; the local run keeps them.',
    },
    ['yes', 'no'],
  ),
  dataDir: optionalText(
    {
      name: 'DATA_DIR',
      flag: 'data',
      meaning:
        'What the local run keeps; by default .data/live, .data/simulated or .data/replay/<recording>.',
    },
    'a folder',
  ),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** The settings as the code takes them. */
export type Settings = { readonly [K in keyof typeof SETTINGS]: ValueOf<(typeof SETTINGS)[K]> } & {
  /** Read by Kafka's own parser; null where no Kafka is asked for and the log is the embedded one. */
  readonly kafka: KafkaSettings | null;
};

/** The topics' names out of the settings. */
export function topicNames(settings: Settings): TopicNames {
  return {
    rawTrades: settings.rawTradesTopic,
    rawQuotes: settings.rawQuotesTopic,
    trades: settings.tradesTopic,
    quotes: settings.quotesTopic,
    deadLetters: settings.deadLettersTopic,
    ledger: settings.ledgerTopic,
    audits: settings.auditsTopic,
    alerts: settings.alertsTopic,
  };
}
