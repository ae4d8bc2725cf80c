import assert from 'node:assert/strict';
import type { Millis } from '../../../shared/units.ts';
import type { SimRequest } from './sim-rest.ts';
import type { SimulationResult } from './simulation.ts';

/** What ingest allows itself of the exchange's 6,000. */
const WEIGHT_PER_MINUTE = 4_800;
/**
 * A page that holds nothing new may be asked for again, with growing pauses: so often in a scenario, and once more for
 * each socket that opened, after which a quiet symbol is asked for.
 */
const SAME_QUESTION = 8;
/** Requests of a symbol's missing trades in a minute, however many holes it has. */
const REPAIRS_PER_MINUTE = 60;

/** REST is asked no more than it has to be: within the weight of a minute, and for a hole only so often. */
export function checkRequests(result: SimulationResult): void {
  const { requests, scenario, reports } = result;
  const opened = reports.filter(({ kind }) => kind === 'socket-open').length;
  const minuteOf = (request: SimRequest): number =>
    Math.floor((scenario.startUs / 1_000 + request.sinceMs) / 60_000);
  const weights = sumBy(
    requests,
    (request) => `process ${request.process} minute ${minuteOf(request)}`,
    (request) => request.weight,
  );
  for (const [name, weight] of weights)
    assert.ok(weight <= WEIGHT_PER_MINUTE, `${name}: a weight of ${weight} was asked for`);
  checkToldWeight(result);
  const answered = requests.filter(({ outcome }) => outcome === 200);
  const repairs = answered.filter(({ path }) => path.endsWith('Trades'));
  for (const [name, count] of sumBy(
    repairs,
    ({ process, path, query }) => `process ${process} ${path}${query}`,
  ))
    assert.ok(count <= SAME_QUESTION + opened, `${name} was answered ${count} times`);
  const repairsBySymbol = sumBy(repairs, (request) => {
    const symbol = new URLSearchParams(request.query).get('symbol');
    return `process ${request.process} ${symbol} minute ${minuteOf(request)}`;
  });
  for (const [name, count] of repairsBySymbol)
    assert.ok(count <= REPAIRS_PER_MINUTE, `${name}: ${count} pages of trades`);
}

/**
 * What the exchange says of the minute's weight counts, whoever used it. A clock that is off has other minutes, and
 * repair by aggregates asks two hosts, each with a weight of its own.
 */
function checkToldWeight({ requests, scenario }: SimulationResult): void {
  if (scenario.byAggregates || scenario.ingestEvents.some(({ kind }) => kind === 'clock-step')) return;
  const minuteOf = (sinceMs: Millis): number => Math.floor((scenario.startUs / 1_000 + sinceMs) / 60_000);
  for (const told of requests.filter(({ toldWeight }) => toldWeight > 0)) {
    const isBeyond = requests.some(
      ({ process, sinceMs, weight }) =>
        process === told.process &&
        sinceMs > told.answeredMs &&
        minuteOf(sinceMs) === minuteOf(told.answeredMs) &&
        told.toldWeight + weight > WEIGHT_PER_MINUTE,
    );
    assert.ok(!isBeyond, `process ${told.process} asked on, though told of a weight of ${told.toldWeight}`);
  }
}

function sumBy(
  requests: readonly SimRequest[],
  keyOf: (request: SimRequest) => string,
  weightOf: (request: SimRequest) => number = () => 1,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const request of requests) {
    const key = keyOf(request);
    sums.set(key, (sums.get(key) ?? 0) + weightOf(request));
  }
  return sums;
}
