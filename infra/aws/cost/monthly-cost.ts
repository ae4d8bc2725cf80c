import { MAPPINGS } from '../../../shared/mappings.ts';
import { needsNat } from '../constructs/network.ts';
import { awsResources, deployedAlarms } from '../deployed-alarms.ts';
import type { Deployment } from '../deployment.ts';
import { LOG_BYTES, messagesASecond } from './traffic.ts';
import { type PriceName, UNIT_PRICES } from './unit-prices.ts';
import {
  BROKER_LOG_GB,
  invocationsASecond,
  METRICS_OF_A_MAPPING,
  METRICS_OF_CONTAINER_INSIGHTS,
  MONTH_HOURS,
  MONTH_SECONDS,
  metricCount,
  NAT_DISK_GIB,
  REFUSED_TRAFFIC_GB,
  rowsAMonth,
  SECONDS_OF_A_CALL,
  STATE_UNITS,
  tracesASecond,
} from './usage.ts';

const GB = 1_000_000_000;

/** Of a row on its way to the store. */
const BYTES_OF_A_WRITE = 600;

type Add = (item: string, price: PriceName, quantity: number) => void;

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
  const add: Add = (item, price, quantity) => {
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
    const { least, most } = size.broker.storageGib;
    const filledGb = (keptGb * size.replication) / size.broker.count / 0.6;
    const perBroker = Math.min(most, Math.max(least, filledGb));
    add('MSK storage', 'mskStorage', perBroker * size.broker.count);
  }
  // Written once and read once by a mapping; two thirds of it crosses zones.
  add('Between zones', 'zoneTransfer', (writtenGb * 2 * (size.zones - 1)) / size.zones);
  if (deployment.polling === 'provisioned') add('Event pollers', 'eventPollerUnit', MONTH_HOURS);

  add('Fargate vCPU', 'fargateVcpuArm', (size.ingest.cpuUnits / 1_024) * MONTH_HOURS);
  add('Fargate memory', 'fargateGbArm', (size.ingest.memoryMib / 1_024) * MONTH_HOURS);
  add('Public address of ingest', 'publicIpv4', MONTH_HOURS);
  const rows = rowsAMonth(deployment, traffic);
  addWayOut(deployment, (rows.writes * BYTES_OF_A_WRITE) / GB, add);

  const callsASecond = invocationsASecond(deployment, traffic.all);
  const requests = callsASecond * MONTH_SECONDS;
  add('Lambda requests', 'lambdaRequest', requests);
  add('Lambda compute', 'lambdaGbSecondArm', requests * SECONDS_OF_A_CALL * (1_769 / 1_024));

  add('Timestream writes', 'timestreamWrite', rows.writes);
  add('Timestream memory', 'timestreamMemory', ((rows.bytes / 30) * 1 * MONTH_HOURS) / GB);
  add('Timestream magnetic, after a month', 'timestreamMagnetic', rows.bytes / GB);
  // Half of the calls fold. Each reads the state of the symbols in it and writes it again: one unit each.
  const foldsASecond = callsASecond / 2;
  const states = foldsASecond * MONTH_SECONDS * Math.min(symbols, traffic.all / foldsASecond);
  add('DynamoDB writes', 'dynamodbWrite', states * STATE_UNITS.write);
  add('DynamoDB reads', 'dynamodbRead', states * STATE_UNITS.read);

  const alarms = deployedAlarms(deployment, awsResources(deployment));
  const fast = alarms.filter((alarm) => alarm.periodSeconds < 60).length;
  add('Alarms below a minute', 'fastAlarm', fast);
  add('Alarms', 'alarm', alarms.length - fast);
  add('Metrics', 'metric', metricCount(symbols));
  add('Metrics of the mappings', 'metric', MAPPINGS.length * METRICS_OF_A_MAPPING);
  if (size.containerInsights) add('Container Insights', 'metric', METRICS_OF_CONTAINER_INSIGHTS);
  add('Dashboard', 'dashboard', 1);
  add('Logs', 'logsIngested', (requests * 900 + MONTH_SECONDS * 400) / GB);
  add('Broker logs', 'logsVended', size.broker.count * BROKER_LOG_GB);
  add('Logs of refused traffic', 'logsVended', REFUSED_TRAFFIC_GB);
  add('Traces', 'xrayTrace', tracesASecond(callsASecond) * MONTH_SECONDS);
  if (deployment.managedGrafana) add('Managed Grafana, one editor', 'grafanaEditor', 1);
  add('Secret', 'secret', 1);
  add('Key', 'kmsKey', 1);
  return lines;
}

/** How rows leave the private subnets: by a NAT, by the store's own endpoint, or by both. */
function addWayOut(deployment: Deployment, writtenGb: number, add: Add): void {
  const { size, timestreamCell } = deployment;
  if (timestreamCell !== null) {
    add('Endpoint of Timestream', 'interfaceEndpoint', size.zones * MONTH_HOURS);
    add('Endpoint data', 'interfaceEndpointData', writtenGb);
  }
  if (!needsNat(deployment)) return;
  add('Public address of the NAT', 'publicIpv4', MONTH_HOURS);
  if (size.nat === 'instance') {
    add('NAT instance', 't4g.nano', MONTH_HOURS);
    add('Disk of the NAT instance', 'ebsGp3', NAT_DISK_GIB);
    return;
  }
  add('NAT gateway', 'natGateway', MONTH_HOURS);
  if (timestreamCell === null) add('NAT data', 'natGatewayData', writtenGb);
}

/** The sum in US dollars. */
export function totalUsd(lines: readonly CostLine[]): number {
  return lines.reduce((sum, line) => sum + line.usd, 0);
}

function brokerPrice(instanceType: string): PriceName {
  const found = Object.keys(UNIT_PRICES).find((name) => name === instanceType);
  if (found === undefined) throw new Error(`There is no unit price of ${instanceType}.`);
  return found as PriceName;
}
