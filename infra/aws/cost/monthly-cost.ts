import { alarmCatalogue } from '../../../shared/alarms/alarm-catalogue.ts';
import { MAPPINGS } from '../../../shared/mappings.ts';
import { MAX_SYMBOLS } from '../../../shared/metrics/dimension-bounds.ts';
import { METRICS } from '../../../shared/metrics/metric-catalogue.ts';
import type { Deployment } from '../deployment.ts';
import { LOG_BYTES, messagesASecond } from './traffic.ts';
import { type PriceName, UNIT_PRICES } from './unit-prices.ts';

/** Hours of a month, as AWS reckons. */
export const MONTH_HOURS = 730;
const MONTH_SECONDS = MONTH_HOURS * 3_600;
const GB = 1_000_000_000;

/** One line of the cost: so many of a unit at its price. */
export interface CostLine {
  readonly item: string;
  readonly price: PriceName;
  readonly quantity: number;
  readonly usd: number;
}

/** What a deployment costs in a month, line by line, at the average traffic of `traffic.ts`. */
export function monthlyCost(deployment: Deployment): readonly CostLine[] {
  const { size, streams } = deployment;
  const symbols = deployment.symbols.length;
  const traffic = messagesASecond(symbols, streams);
  const lines: CostLine[] = [];
  const add = (item: string, price: PriceName, quantity: number): void => {
    if (quantity > 0) lines.push({ item, price, quantity, usd: quantity * UNIT_PRICES[price].usd });
  };

  const writtenBytesASecond = traffic.all * (LOG_BYTES.raw + LOG_BYTES.validated);
  const writtenGb = (writtenBytesASecond * MONTH_SECONDS) / GB;
  const keptGb = (writtenBytesASecond * 7 * 86_400) / GB;
  add('MSK brokers', brokerPrice(size.broker.instanceType), size.broker.count * MONTH_HOURS);
  if (size.broker.storageGib === null) {
    add('MSK storage', 'expressStorage', keptGb);
    add('MSK written', 'expressIngress', writtenGb);
  } else {
    const perBroker = Math.max(
      size.broker.storageGib.least,
      (keptGb * size.replication) / size.broker.count / 0.6,
    );
    add('MSK storage', 'mskStorage', perBroker * size.broker.count);
  }
  // Written once and read once by a mapping; two thirds of it crosses zones.
  add('Between zones', 'zoneTransfer', (writtenGb * 2 * (size.zones - 1)) / size.zones);
  if (deployment.polling === 'provisioned') add('Event pollers', 'eventPollerUnit', MONTH_HOURS);

  add('Fargate vCPU', 'fargateVcpuArm', (size.ingest.cpuUnits / 1_024) * MONTH_HOURS);
  add('Fargate memory', 'fargateGbArm', (size.ingest.memoryMib / 1_024) * MONTH_HOURS);
  add('Public address of ingest', 'publicIpv4', MONTH_HOURS);
  add('Public address of the NAT', 'publicIpv4', MONTH_HOURS);
  if (size.nat === 'gateway') add('NAT gateway', 'natGateway', MONTH_HOURS);
  else add('NAT instance', 't4g.nano', MONTH_HOURS);

  const callsASecond = invocationsASecond(deployment, traffic.all);
  const requests = callsASecond * MONTH_SECONDS;
  add('Lambda requests', 'lambdaRequest', requests);
  add('Lambda compute', 'lambdaGbSecondArm', requests * SECONDS_OF_A_CALL * (1_769 / 1_024));

  const rows = rowsAMonth(deployment, traffic);
  add('Timestream writes', 'timestreamWrite', rows.writes);
  add('Timestream memory', 'timestreamMemory', ((rows.bytes / 30) * 1 * MONTH_HOURS) / GB);
  add('Timestream magnetic, after a month', 'timestreamMagnetic', rows.bytes / GB);
  if (size.nat === 'gateway') add('NAT data', 'natGatewayData', (rows.writes * 600) / GB);
  // Half of the calls fold; each reads and writes the state of the symbols in it, about 2.5 KB.
  const symbolsOfACall = Math.min(symbols, traffic.all / callsASecond);
  const states = (requests / 2) * symbolsOfACall;
  add('DynamoDB writes', 'dynamodbWrite', states * 3);
  add('DynamoDB reads', 'dynamodbRead', states);

  const alarms = alarmCatalogue(deployment.symbols, {
    functionNames: ['validate', 'aggregate', 'dead-letter', 'notify'],
    consumerNames: ['validate', 'aggregate', 'dead-letter'],
    notifyDeadLetterQueue: 'notify',
  });
  const fast = alarms.filter((alarm) => alarm.periodSeconds < 60).length;
  add('Alarms below a minute', 'fastAlarm', fast);
  add('Alarms', 'alarm', alarms.length - fast);
  add('Metrics', 'metric', metricCount(symbols));
  add('Dashboard', 'dashboard', 1);
  add('Logs', 'logsIngested', (requests * 900 + MONTH_SECONDS * 400) / GB);
  add('Secret', 'secret', 1);
  add('Key', 'kmsKey', 1);
  return lines;
}

/** The sum in US dollars. */
export function totalUsd(lines: readonly CostLine[]): number {
  return lines.reduce((sum, line) => sum + line.usd, 0);
}

/** A small batch from start to answer, most of it waiting for the log and the store. */
const SECONDS_OF_A_CALL = 0.06;

function brokerPrice(instanceType: string): PriceName {
  const found = Object.keys(UNIT_PRICES).find((name) => name === instanceType);
  if (found === undefined) throw new Error(`There is no unit price of ${instanceType}.`);
  return found as PriceName;
}

/**
 * Calls a second of all streaming mappings. One poller is enough for their average; it hands over what came while
 * the last call ran, or what came in 500 ms on demand.
 */
function invocationsASecond(deployment: Deployment, messages: number): number {
  const mappings = MAPPINGS.filter((mapping) => mapping.functionName !== 'dead-letter').length;
  const ofAMapping = deployment.polling === 'provisioned' ? 10 : 2;
  return Math.max(0.1, Math.min(mappings * ofAMapping, 2 * messages));
}

/** Rows of the windows, each about 700 bytes of one write unit; open ones once a second, coarse ones rarely. */
function rowsAMonth(
  deployment: Deployment,
  traffic: { readonly trades: number; readonly quotes: number },
): { readonly writes: number; readonly bytes: number } {
  const active = Math.min(deployment.symbols.length, traffic.trades);
  const perSymbolASecond = 2 + 0.2 + 0.1 + 2 / 30;
  const windows = active * perSymbolASecond * MONTH_SECONDS;
  const kept = deployment.symbols.length * (0.1 + 0.1 + 1 / 30 + 1 / 60 + 1 / 300 + 1 / 900) * MONTH_SECONDS;
  const events = deployment.keepEvents === 'yes' ? (traffic.trades + traffic.quotes) * MONTH_SECONDS : 0;
  return { writes: windows + events, bytes: kept * 700 + events * 250 };
}

function metricCount(symbols: number): number {
  const own = Math.min(symbols, MAX_SYMBOLS) + (symbols > MAX_SYMBOLS ? 1 : 0);
  return Object.values(METRICS)
    .flatMap(({ dimensionSets }) => dimensionSets)
    .reduce((sum, set: readonly string[]) => {
      const perSymbol = set.includes('Symbol') ? own : 1;
      return sum + perSymbol * (set.includes('Kind') ? 3 : 1);
    }, 0);
}
