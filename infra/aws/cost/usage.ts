import { MAPPINGS } from '../../../shared/mappings.ts';
import { MAX_SYMBOLS } from '../../../shared/metrics/dimension-bounds.ts';
import { METRICS } from '../../../shared/metrics/metric-catalogue.ts';
import type { Deployment } from '../deployment.ts';

// How much of what a deployment uses, where the traffic alone does not tell. Each is an estimate until a bill shows it.

/** Hours of a month, as AWS reckons. */
export const MONTH_HOURS = 730;
export const MONTH_SECONDS = MONTH_HOURS * 3_600;

/** What Amazon Linux takes for itself. */
export const NAT_DISK_GIB = 8;

/** Of a fold and a symbol: the hot item stays below 1 KB, see bench/state-cost.ts and BENCHMARKS.md. */
export const STATE_UNITS = { write: 1, read: 1 } as const;

/**
 * What `EventCount`, `ErrorCount` and `KafkaMetrics` of a mapping hold, reckoned as metrics of one's own:
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
export const METRICS_OF_A_MAPPING = 14;

/** Of a cluster with one service of one task, an estimate. */
export const METRICS_OF_CONTAINER_INSIGHTS = 30;

/** A month of a broker at level INFO, an estimate. */
export const BROKER_LOG_GB = 1;

/** A month of what the internet tries at one public address, an estimate. */
export const REFUSED_TRAFFIC_GB = 1;

/** A small batch from start to answer, most of it waiting for the log and the store. */
export const SECONDS_OF_A_CALL = 0.06;

/**
 * Calls a second of all streaming mappings. One poller is enough for their average. On demand it hands over what
 * came in 500 ms. With provisioned polling and no window it hands over what came while the last call ran: ten calls
 * a second, a call of 60 ms and the way there and back. That is the estimate that moves the total most, and nothing
 * but a live account can tell it: up to five calls at once are allowed a poller, and each more costs a call, a trace
 * and the state of its symbols.
 */
export function invocationsASecond(deployment: Deployment, messages: number): number {
  const mappings = MAPPINGS.filter((mapping) => mapping.functionName !== 'dead-letter').length;
  const ofAMapping = deployment.polling === 'provisioned' ? 10 : 2;
  return Math.max(0.1, Math.min(mappings * ofAMapping, 2 * messages));
}

/**
 * Traces a second by X-Ray's rule where nothing else is said: the first call of a second and a twentieth of the
 * rest, for each of the two streaming functions.
 */
export function tracesASecond(callsASecond: number): number {
  const ofAFunction = callsASecond / 2;
  return 2 * (Math.min(1, ofAFunction) + Math.max(0, ofAFunction - 1) * 0.05);
}

/** Rows of the windows, each about 700 bytes of one write unit; open ones once a second, coarse ones rarely. */
export function rowsAMonth(
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

/** Metrics of the catalogue, each of its dimensions counted. */
export function metricCount(symbols: number): number {
  const own = Math.min(symbols, MAX_SYMBOLS) + (symbols > MAX_SYMBOLS ? 1 : 0);
  return Object.values(METRICS)
    .flatMap(({ dimensionSets }) => dimensionSets)
    .reduce((sum, set: readonly string[]) => {
      const perSymbol = set.includes('Symbol') ? own : 1;
      return sum + perSymbol * (set.includes('Kind') ? 3 : 1);
    }, 0);
}
