import { FaultSchedule } from '../../../infra/local/exchange/fault-schedule.ts';
import type { StreamType } from '../../../shared/stream-type.ts';
import type { MarketSymbol, Micros, Millis } from '../../../shared/units.ts';
import type { PortFaultRates } from './port-faults.ts';
import type { Silence } from './sim-exchange.ts';
import { SimRandom } from './sim-random.ts';
import type { RestConditions } from './sim-rest.ts';

/** What is done to the ingestors, and when. */
export interface IngestEvent {
  readonly atMs: Millis;
  readonly kind: 'crash' | 'restart' | 'second' | 'clock-step';
  /** How long the monitor is down, how long two run at once, or how far the clock steps. */
  readonly ms: Millis;
}

/** All that a seed decides. Times count from the start. */
export interface Scenario {
  readonly seed: number;
  readonly symbols: readonly MarketSymbol[];
  readonly streams: readonly StreamType[];
  readonly startUs: Micros;
  /** Faults happen until then; afterwards everything works again. */
  readonly calmAtMs: Millis;
  /** The feed ends then. */
  readonly endAtMs: Millis;
  readonly schedule: FaultSchedule;
  readonly cutsMs: readonly Millis[];
  readonly silences: readonly Silence[];
  readonly untiledShare: number;
  readonly rest: RestConditions;
  readonly portRates: PortFaultRates;
  readonly groupRates: { readonly lostCommit: number; readonly rewind: number };
  /** The share of rows that the store refuses. */
  readonly refusedRowShare: number;
  /** How much more often the row store fails than the other ports. */
  readonly moreRowFaults: number;
  /** The log takes nothing from ingest meanwhile. */
  readonly logStallMs: readonly [from: Millis, to: Millis] | undefined;
  /** Records that ingest holds before it pauses its sockets; undefined: as it is deployed. */
  readonly pauseAbove: number | undefined;
  readonly ingestEvents: readonly IngestEvent[];
  /** Every task has the same name, as in a deployment that rolls; otherwise each has its own. */
  readonly isOneTask: boolean;
  /** When the mappings are stopped and started again, by their place. */
  readonly mappingRestartsMs: readonly Millis[];
  readonly batchSize: number;
  readonly gapWaitMs: Millis;
  /** Repair by id is refused, so that it goes by aggregates. */
  readonly byAggregates: boolean;
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
  // Trades of many windows come at once, so that a batch is committed in stretches.
  const isDeep = seed % 4 === 2;
  const calmAtMs = (isLong ? 210 : 45) * 1_000;
  const harsh = random.next();
  const rest = restOf(random, calmAtMs);
  const silences = silencesOf(random);
  const afterSilenceMs = silences.reduce((after, { atMs, ms }) => Math.max(after, atMs + ms), 2_000);
  const schedule = new FaultSchedule(seed, {
    dropShare: 0.02 * harsh,
    doubleShare: 0.02 * harsh,
    swapShare: 0.03 * harsh,
    malformedShare: 0.01 * harsh,
    // A silence is to last.
    cutEveryMs: silences.length > 0 ? 0 : random.pick([0, 8_000, 15_000, 30_000]),
    shutdownShare: 0.4,
    silenceMs: random.pick([0, 2_000, 6_000]),
    tooManyRequestsShare: 0.1 * harsh,
    bannedShare: 0.02 * harsh,
    serverErrorShare: 0.15 * harsh,
    slowPageShare: 0.2 * harsh,
    slowPageMs: 1_500,
    hungShare: 0.1 * harsh,
    clockErrorMs: 1_500,
    clockHoldsMs: random.pick([0, 7_000, 20_000]),
    endAfterMs: calmAtMs,
  });
  const ports = (isDeep ? 0.2 : random.pick([0, 0.04, 0.04, 0.04, 0.2])) * random.next();
  const isPressed = random.chance(0.15);
  const stalledFromMs = random.whole(2_000, 6_000);
  return {
    seed,
    symbols: isLong ? ['NKNUSDT', 'XMRBTC'] : isDeep ? ['FTMUSDT', 'XMRBTC'] : random.pick(SYMBOLS),
    streams: random.pick([
      ['trade', 'bookTicker', 'kline_1m'],
      ['trade', 'aggTrade', 'bookTicker', 'kline_1m'],
    ]),
    startUs: DAY_US + random.whole(0, 40) * FIFTEEN_MINUTES_US + startWithin(random, isLong, isDeep),
    calmAtMs,
    // Where others use the weight up, a clock that is off can cost another minute.
    endAtMs: calmAtMs + (rest.others === undefined ? 45_000 : 90_000),
    schedule,
    cutsMs: times(random, random.whole(1, 2), afterSilenceMs, calmAtMs),
    silences,
    untiledShare: random.pick([0, 0.05]),
    rest,
    portRates: { before: ports, after: ports, slow: ports, zombie: ports / 4 },
    groupRates: { lostCommit: random.next() * 0.2, rewind: random.next() * 0.1 },
    refusedRowShare: random.pick([0, 0, 0, 0.002]),
    moreRowFaults: isDeep ? 3 : 1,
    logStallMs:
      isPressed && random.chance(0.5)
        ? [stalledFromMs, stalledFromMs + random.pick([8_000, 20_000, 38_000])]
        : undefined,
    pauseAbove: isPressed ? random.whole(8, 20) : undefined,
    ingestEvents: ingestEventsOf(random, calmAtMs),
    isOneTask: random.chance(0.5),
    mappingRestartsMs: times(random, random.whole(0, 2), 1_000, calmAtMs),
    batchSize: isDeep ? random.pick([60, 200, 2_000]) : random.pick([1, 3, 10, 40, 200, 2_000]),
    gapWaitMs: random.pick([300, 2_000, 10_000]),
    byAggregates: random.chance(0.12),
  };
}

/**
 * Where in a block of the archive it begins: most near its beginning, so that little has to be filled; the deep
 * ones fill many windows, the long ones cross into the next block.
 */
function startWithin(random: SimRandom, isLong: boolean, isDeep: boolean): Micros {
  if (isLong) return FIFTEEN_MINUTES_US - random.whole(60, 150) * 1_000_000;
  if (isDeep) return random.whole(200, 600) * 1_000_000;
  return random.whole(3_000, 25_000) * 1_000;
}

function times(random: SimRandom, count: number, fromMs: Millis, calmAtMs: Millis): Millis[] {
  return Array.from({ length: count }, () => random.whole(fromMs, calmAtMs - 500)).sort((a, b) => a - b);
}

/** None, a dead line, or one that lives and says nothing for longer than the exchange is asked for its time. */
function silencesOf(random: SimRandom): readonly Silence[] {
  const atMs = random.whole(1_000, 6_000);
  const isDead = random.chance(0.5);
  const ms = isDead ? random.whole(12_000, 38_000) : random.whole(31_500, 38_000);
  const silence: Silence = { atMs, ms, answersPings: !isDead, holdsFrames: !isDead && random.chance(0.5) };
  return random.chance(0.3) ? [silence] : [];
}

/** What others use lets a minute's budget go; it must be over early, so that the next minute begins in time. */
function restOf(random: SimRandom, calmAtMs: Millis): RestConditions {
  const downFromMs = random.whole(5_000, calmAtMs - 5_000);
  const downToMs = random.chance(0.25)
    ? Infinity
    : Math.min(calmAtMs, downFromMs + random.whole(5_000, 60_000));
  return {
    downMs: random.chance(0.2) ? [downFromMs, downToMs] : undefined,
    lagMs: random.pick([0, 0, 0, 300, 1_000, 3_000]),
    forgetsAfterMs: random.chance(0.08) ? random.whole(10_000, 40_000) : undefined,
    others: random.chance(0.12)
      ? { weight: random.pick([4_700, 5_990]), untilMs: random.whole(5_000, 20_000) }
      : undefined,
  };
}

function ingestEventsOf(random: SimRandom, calmAtMs: Millis): readonly IngestEvent[] {
  return Array.from({ length: random.whole(0, 3) }, (): IngestEvent => {
    const kind = random.pick(['crash', 'restart', 'second', 'clock-step'] as const);
    const ms = kind === 'clock-step' ? random.whole(-2_500, 2_500) : random.whole(100, 9_000);
    return { atMs: random.whole(2_000, calmAtMs - 1_000), kind, ms };
  }).sort((a, b) => a.atMs - b.atMs);
}

/** A scenario as lines for a person. */
export function describeScenario(scenario: Scenario): string[] {
  const { schedule, ...rest } = scenario;
  return [JSON.stringify(rest, null, 1), JSON.stringify(schedule.settings), ...schedule.describe(10, 60)];
}
