import { SETTINGS } from '../../shared/settings/settings.ts';
import type { StreamType } from '../../shared/stream-type.ts';
import type { MarketSymbol } from '../../shared/units.ts';
import { DEFAULT_NAME } from './deployment-names.ts';
import { POLLINGS, type Polling, SIZE_TABLE, SIZES, type Size } from './sizes.ts';

/** What a deployment is told, by `-c name=value` or in `cdk.json`. */
export interface Deployment {
  /** Begins the name of every resource that has one. @default market-monitor */
  readonly name: string;
  readonly symbols: readonly MarketSymbol[];
  readonly streams: readonly StreamType[];
  readonly size: Size;
  /** @default that of the size */
  readonly polling: Polling;
  /** @default liveanalytics */
  readonly store: 'liveanalytics';
  /** Where alarms go beside Slack; null: nowhere. */
  readonly email: string | null;
  readonly streamUrl: string;
  readonly restUrl: string;
  /** The monthly budget in USD; null: one and a half times the worked-out cost. */
  readonly budgetUsd: number | null;
  /** A workspace of Amazon Managed Grafana. @default false */
  readonly managedGrafana: boolean;
  readonly grafanaUrl: string | null;
  readonly runbookUrl: string | null;
  /** Whether every trade and quote becomes a row. @default no */
  readonly keepEvents: 'yes' | 'no';
  /** The account's cell of Timestream, such as `cell2`, to be reached by an endpoint in the VPC; null: by the NAT. */
  readonly timestreamCell: string | null;
  /** What the budget counts. @default account */
  readonly budgetScope: 'account' | 'deployment';
}

/** Every name that a deployment knows, with what it may be. */
export const DEPLOYMENT_CONTEXT = {
  name: 'letters, digits and dashes, beginning with a letter, 24 at most',
  symbols: 'symbols of Binance spot, separated by commas, such as BTCUSDT,ETHUSDT',
  streams: SETTINGS.streams.allowed,
  size: SIZES.join(', '),
  polling: POLLINGS.join(' or '),
  store: 'liveanalytics (influxdb is to come)',
  email: 'an address such as ops@example.com',
  streamUrl: SETTINGS.streamUrl.allowed,
  restUrl: SETTINGS.restUrl.allowed,
  budgetUsd: 'whole US dollars from 1 to 1000000',
  managedGrafana: 'yes or no',
  grafanaUrl: SETTINGS.grafanaUrl.allowed,
  runbookUrl: SETTINGS.runbookUrl.allowed,
  keepEvents: 'yes or no',
  timestreamCell: 'the account’s cell, such as cell2 (aws timestream-write describe-endpoints)',
  budgetScope: 'account or deployment',
  storageGib: 'whole GiB of a broker from 10 to 16384',
} as const;

const KNOWN_NAMES = Object.keys(DEPLOYMENT_CONTEXT).join(', ');

/** The most that MSK gives a broker. */
const MAX_STORAGE_GIB = 16_384;

type ContextName = keyof typeof DEPLOYMENT_CONTEXT;

/** The deployment, or every fault as a sentence. */
export type ParsedDeployment =
  | { readonly kind: 'deployment'; readonly deployment: Deployment }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

/** Names as this project writes them; those of the CDK have an `@`, a colon or a dash. */
const OWN_NAME = /^[A-Za-z][A-Za-z0-9]*$/;

/**
 * Reads a deployment from its context, which may hold names of the CDK besides. Pure: no variable of the
 * environment is read. A name that looks like ours and is none is a fault, too.
 */
export function parseDeployment(context: Readonly<Record<string, unknown>>): ParsedDeployment {
  const faults = Object.keys(context)
    .filter((name) => OWN_NAME.test(name) && !Object.hasOwn(DEPLOYMENT_CONTEXT, name))
    .map((name) => `${name} is no setting of a deployment; there are ${KNOWN_NAMES}.`);
  const given = (name: ContextName): string | undefined => {
    const value = context[name];
    if (value === undefined || value === null || value === '') return undefined;
    return (Array.isArray(value) ? value.join(',') : String(value)).trim();
  };
  const read = <T>(name: ContextName, fallback: T, parse: (text: string) => T | undefined): T => {
    const text = given(name);
    const value = text === undefined ? fallback : parse(text);
    if (value !== undefined) return value;
    faults.push(`${name} is "${text}"; allowed: ${DEPLOYMENT_CONTEXT[name]}. Give it by -c ${name}=….`);
    return fallback;
  };
  const yesNo = (text: string): 'yes' | 'no' | undefined =>
    text === 'yes' || text === 'true' ? 'yes' : text === 'no' || text === 'false' ? 'no' : undefined;
  const url = (text: string): string | undefined => SETTINGS.restUrl.parse(text)?.value;

  const size = withStorage(
    SIZE_TABLE[read('size', 'dev', (text) => SIZES.find((name) => name === text))],
    read<number | null>('storageGib', null, (text) => {
      const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
      return value >= 10 && value <= MAX_STORAGE_GIB ? value : undefined;
    }),
  );
  if (given('storageGib') !== undefined && size.broker.storageGib === null) {
    faults.push(
      `storageGib is given, and brokers of size ${size.name} have no disks of their own. Leave it out.`,
    );
  }
  if (given('store') === 'influxdb') {
    faults.push('store is "influxdb"; it is an issue of its own and not built yet. Leave it out.');
  }
  const deployment: Deployment = {
    name: read('name', DEFAULT_NAME, (text) =>
      /^[A-Za-z][A-Za-z0-9-]{0,23}$/.test(text) ? text : undefined,
    ),
    symbols: read('symbols', defaultOf(SETTINGS.symbols), (text) => SETTINGS.symbols.parse(text)?.value),
    streams: read('streams', defaultOf(SETTINGS.streams), (text) => SETTINGS.streams.parse(text)?.value),
    size,
    polling: read('polling', size.polling, (text) => POLLINGS.find((name) => name === text)),
    store: read('store', 'liveanalytics', (text) =>
      text === 'liveanalytics' || text === 'influxdb' ? 'liveanalytics' : undefined,
    ),
    email: read<string | null>('email', null, (text) => (isEmail(text) ? text : undefined)),
    streamUrl: read(
      'streamUrl',
      SETTINGS.streamUrl.default ?? '',
      (text) => SETTINGS.streamUrl.parse(text)?.value,
    ),
    restUrl: read('restUrl', SETTINGS.restUrl.default ?? '', url),
    budgetUsd: read<number | null>('budgetUsd', null, (text) => {
      const value = /^\d{1,7}$/.test(text) ? Number(text) : 0;
      return value >= 1 && value <= 1_000_000 ? value : undefined;
    }),
    managedGrafana: read('managedGrafana', 'no', yesNo) === 'yes',
    grafanaUrl: read<string | null>('grafanaUrl', null, url),
    runbookUrl: read<string | null>('runbookUrl', null, url),
    keepEvents: read('keepEvents', 'no', yesNo),
    timestreamCell: read<string | null>('timestreamCell', null, (text) =>
      /^cell-?\d{1,3}$/.test(text) ? text : undefined,
    ),
    budgetScope: read<'account' | 'deployment'>('budgetScope', 'account', (text) =>
      text === 'account' || text === 'deployment' ? text : undefined,
    ),
  };
  return faults.length > 0 ? { kind: 'faults', faults } : { kind: 'deployment', deployment };
}

/** The size with brokers that begin with so much storage, and may grow at least to twice that. */
function withStorage(size: Size, least: number | null): Size {
  const { broker } = size;
  if (least === null || broker.storageGib === null) return size;
  const most = Math.min(MAX_STORAGE_GIB, Math.max(broker.storageGib.most, 2 * least));
  return { ...size, broker: { ...broker, storageGib: { least, most } } };
}

function defaultOf<T>(setting: {
  readonly default: string | null;
  parse(text: string): { value: T } | undefined;
}): T {
  const parsed = setting.parse(setting.default ?? '');
  if (parsed === undefined) throw new Error('a default that its own rule refuses');
  return parsed.value;
}

function isEmail(text: string): boolean {
  return /^[^\s@,;]+@[^\s@,;.]+(\.[^\s@,;.]+)+$/.test(text) && text.length <= 254;
}
