import { FaultSchedule } from '../../../infra/local/exchange/fault-schedule.ts';
import type { MarketSymbol, Micros, Millis } from '../../../shared/units.ts';
import type { PortFaultRates } from './port-faults.ts';
import { SimRandom } from './sim-random.ts';

/** What is done to the ingestors, and when. */
export interface IngestEvent {
  readonly atMs: Millis;
  readonly kind: 'crash' | 'restart' | 'second' | 'clock-step';
  /** How long the monitor is down, how long two run at once, or how far the clock steps. */
  readonly ms: Millis;
}

/** All that a seed decides. */
export interface Scenario {
  readonly seed: number;
  readonly symbols: readonly MarketSymbol[];
  readonly startUs: Micros;
  /** Faults happen until then; afterwards everything works again. */
  readonly calmAtMs: Millis;
  /** The feed ends then. */
  readonly endAtMs: Millis;
  readonly schedule: FaultSchedule;
  readonly portRates: PortFaultRates;
  readonly groupRates: { readonly lostCommit: number; readonly rewind: number };
  readonly ingestEvents: readonly IngestEvent[];
  /** When the mappings are stopped and started again, by their place. */
  readonly mappingRestartsMs: readonly Millis[];
  readonly batchSize: number;
  readonly gapWaitMs: Millis;
  /** Repair by id is refused, so that it goes by aggregates. */
  readonly byAggregates: boolean;
  readonly restDownMs: readonly [Millis, Millis] | undefined;
}

/** Lively and quiet ones. */
const SYMBOLS: readonly [readonly MarketSymbol[], ...(readonly MarketSymbol[])[]] = [
  ['TRXUSDT', 'XMRBTC'],
  ['FTMUSDT', 'NKNUSDT'],
  ['LTCUSDT'],
];

const FIFTEEN_MINUTES_US = 900_000_000;
/** 2026-03-02T08:00:00Z. */
const DAY_US = Date.UTC(2026, 2, 2, 8) * 1_000;

/** The scenario of a seed: a pure function. */
export function scenarioOf(seed: number): Scenario {
  const random = new SimRandom(seed, 1);
  const isLong = seed % 16 === 7;
  const blockUs = DAY_US + random.whole(0, 40) * FIFTEEN_MINUTES_US;
  // Most begin with a block of the archive, so that little has to be filled; the long ones cross into the next.
  const startUs = isLong
    ? blockUs + FIFTEEN_MINUTES_US - random.whole(60, 150) * 1_000_000
    : blockUs + random.whole(3_000, 25_000) * 1_000;
  const calmAtMs = (isLong ? 210 : 45) * 1_000;
  const harsh = random.next();
  const schedule = new FaultSchedule(seed, {
    dropShare: 0.02 * harsh,
    doubleShare: 0.02 * harsh,
    swapShare: 0.03 * harsh,
    malformedShare: 0.01 * harsh,
    cutEveryMs: random.pick([0, 8_000, 15_000, 30_000]),
    shutdownShare: 0.4,
    silenceMs: random.pick([0, 2_000, 6_000]),
    tooManyRequestsShare: 0.1 * harsh,
    bannedShare: 0.02 * harsh,
    serverErrorShare: 0.15 * harsh,
    slowPageShare: 0.2 * harsh,
    slowPageMs: 1_500,
    clockErrorMs: 1_500,
    endAfterMs: calmAtMs,
  });
  const ports = random.next() < 0.25 ? 0 : random.next() * 0.04;
  const ingestEvents = Array.from({ length: random.whole(0, 3) }, (): IngestEvent => {
    const kind = random.pick(['crash', 'restart', 'second', 'clock-step'] as const);
    const ms = kind === 'clock-step' ? random.whole(-2_500, 2_500) : random.whole(100, 9_000);
    return { atMs: random.whole(2_000, calmAtMs - 1_000), kind, ms };
  }).sort((a, b) => a.atMs - b.atMs);
  const downFromMs = random.whole(5_000, calmAtMs - 5_000);
  return {
    seed,
    symbols: isLong ? ['NKNUSDT', 'XMRBTC'] : random.pick(SYMBOLS),
    startUs,
    calmAtMs,
    endAtMs: calmAtMs + 45_000,
    schedule,
    portRates: { before: ports, after: ports, slow: ports, zombie: ports / 4 },
    groupRates: { lostCommit: random.next() * 0.2, rewind: random.next() * 0.1 },
    ingestEvents,
    mappingRestartsMs: Array.from({ length: random.whole(0, 2) }, () => random.whole(1_000, calmAtMs)),
    batchSize: random.pick([1, 3, 10, 40, 200, 2_000]),
    gapWaitMs: random.pick([300, 2_000, 10_000]),
    byAggregates: random.chance(0.12),
    restDownMs: random.chance(0.2) ? [downFromMs, downFromMs + random.whole(5_000, 60_000)] : undefined,
  };
}

/** A scenario as lines for a person. */
export function describeScenario(scenario: Scenario): string[] {
  const { schedule, ...rest } = scenario;
  return [JSON.stringify(rest, null, 1), JSON.stringify(schedule.settings), ...schedule.describe(10, 60)];
}
