import assert from 'node:assert/strict';
import { type MarketSymbol, type Micros, SECOND_US } from '../../../shared/units.ts';
import { SPREAD_WINDOW_US } from '../../../shared/window/spread-window.ts';
import { columnsOf } from '../../shared/window/window-fixtures.ts';
import type { QuoteLine } from './quote-lines.ts';
import type { SimulationResult } from './simulation.ts';

/** From one time to another. */
interface Stretch {
  readonly fromUs: Micros;
  readonly toUs: Micros;
}

/** A time in which an ingestor may have missed quotes: from a time on, until it surely watched again. */
interface Doubt extends Stretch {
  readonly line: QuoteLine;
  /** Its last quote before; another ingestor's must be newer. 0 for the first socket of an ingestor. */
  readonly heardUs: Micros;
  /** The earliest time at which it may have said that it watches again. */
  readonly soonestUs: Micros;
}

/** How many rows were held to what, so that a test can tell that the check checks. */
export interface SpreadChecks {
  /** Rows that nobody watched all of. */
  missed: number;
  /** Rows that somebody watched all of. */
  watched: number;
  /** Of those, the ones that an ingestor missed a part of, and another one did not. */
  covered: number;
}

/** How far the log may be behind, and what dies with a process. */
const LAG_US = 10 * SECOND_US;
const LAG_WITHOUT_FAULTS_US = SECOND_US;
/** Another ingestor's quote counts if it came within a second: this much of it is left for the way to the log. */
const MARGIN_US = 100_000;

/**
 * Coverage of the spreads is what the lives of the quotes sockets imply: `partial` where nobody watched, and nowhere
 * else. What cannot be decided is left open: with several ingestors and a stepping clock or a log that stalls, who
 * watched when is not known to the log either. A silent or lossy socket that stays open shows nowhere.
 */
export function checkSpreads(result: SimulationResult): SpreadChecks {
  const checks: SpreadChecks = { missed: 0, watched: 0, covered: 0 };
  const unwatched = unwatchedBy(result);
  const doubts = doubtsOf(result);
  // The watch ends with the last frame, before the exchange falls silent.
  const endedUs = result.quoteLines
    .flatMap(({ deliveries }) => deliveries)
    .reduce((last, { receivedUs }) => Math.max(last, receivedUs), 0);
  for (const symbol of result.scenario.symbols) {
    for (const row of result.rows.table('spreads')) {
      if (!row.dimensions.some(([, value]) => value === symbol)) continue;
      const startUs = Number(row.timeNs.slice(0, -3));
      const window = { fromUs: startUs, toUs: startUs + SPREAD_WINDOW_US };
      const name = `${symbol} spread ${new Date(startUs / 1_000).toISOString()}`;
      const columns = columnsOf(row);
      assert.equal(columns.final, 'true', `${name} is not final`);
      if (unwatched.some((stretch) => overlap(stretch, window))) {
        checks.missed += 1;
        assert.equal(columns.coverage, 'partial', `${name}: nobody watched all of it`);
      } else if (window.toUs <= endedUs) {
        const open = doubts(symbol).filter((doubt) => overlap(doubt, window));
        if (open.some((doubt) => !isCovered(result, doubt, symbol))) continue;
        checks.watched += 1;
        if (open.length > 0) checks.covered += 1;
        assert.equal(columns.coverage, 'complete', `${name}: somebody watched all of it`);
      }
    }
  }
  return checks;
}

/** When no quotes socket was open, as far as the monitor could know it. */
function unwatchedBy({ scenario, quoteLines, lastUs }: SimulationResult): readonly Stretch[] {
  const slackUs = clockSlackUs(scenario);
  const others = scenario.ingestEvents.filter(({ kind }) => kind !== 'clock-step');
  const isOrdered = scenario.portRates.before === 0 && slackUs === 0;
  const stretches: Stretch[] = [];
  let watchedUs = Number.NEGATIVE_INFINITY;
  for (const line of quoteLines.toSorted((a, b) => a.openedUs - b.openedUs)) {
    const isFirst = watchedUs === Number.NEGATIVE_INFINITY;
    // Where one ingestor takes over from another, a second without either goes for none.
    const isTold = others.length === 0 || (isOrdered && line.openedUs - watchedUs > SECOND_US);
    if (line.openedUs > watchedUs && (isFirst || isTold))
      stretches.push({ fromUs: watchedUs + slackUs, toUs: line.openedUs - slackUs });
    watchedUs = Math.max(watchedUs, Math.min(line.closedUs, lastUs));
  }
  stretches.push({ fromUs: lastUs, toUs: Number.POSITIVE_INFINITY });
  return stretches;
}

/** By symbol, when which ingestor may have missed quotes. */
function doubtsOf({
  scenario,
  quoteLines,
  lastUs,
}: SimulationResult): (symbol: MarketSymbol) => readonly Doubt[] {
  const slackUs = clockSlackUs(scenario);
  const lagUs = scenario.portRates.before === 0 ? LAG_WITHOUT_FAULTS_US : LAG_US;
  const firstUs = Math.min(...quoteLines.map(({ openedUs }) => openedUs));
  const doubtful = quoteLines.filter((line) => !hasPredecessor(line, quoteLines));
  return (symbol) =>
    doubtful.map((line) => {
      const own = quoteLines.filter(({ process }) => process === line.process);
      const isFirst = own.every(({ openedUs }) => openedUs >= line.openedUs);
      // A first socket goes on from what the log heard of the symbol, a later one from what it heard itself.
      const before = isFirst
        ? quoteLines.flatMap(({ deliveries }) => deliveries.filter((quote) => quote.symbol === symbol))
        : own.flatMap(({ deliveries }) => deliveries);
      const after = own.flatMap(({ deliveries }) => deliveries).map(({ receivedUs }) => receivedUs);
      const heard = before
        .map(({ receivedUs }) => receivedUs)
        .filter((receivedUs) => receivedUs < line.openedUs);
      const again = after.filter((receivedUs) => receivedUs >= line.openedUs);
      const nextBeatUs = Math.ceil(line.openedUs / SECOND_US) * SECOND_US;
      const heardUs = heard.reduce((a, b) => Math.max(a, b), firstUs);
      return {
        line,
        heardUs: isFirst ? 0 : heardUs,
        fromUs: heardUs - slackUs - lagUs,
        toUs: again.reduce((a, b) => Math.min(a, b), lastUs) + slackUs,
        soonestUs: Math.min(line.firstFrameUs, nextBeatUs),
      };
    });
}

/** Whether another socket of the same ingestor was open, and well, when this one opened: a planned rotation. */
function hasPredecessor(line: QuoteLine, lines: readonly QuoteLine[]): boolean {
  return lines.some(
    (old) =>
      old !== line &&
      old.process === line.process &&
      old.answersPings &&
      old.openedUs < line.openedUs &&
      old.closedUs > line.openedUs,
  );
}

/** Whether another ingestor surely brought a quote of the symbol shortly before this one watched again. */
function isCovered({ scenario, quoteLines }: SimulationResult, doubt: Doubt, symbol: MarketSymbol): boolean {
  if (scenario.portRates.before > 0 || clockSlackUs(scenario) > 0) return false;
  const fromUs = Math.max(doubt.heardUs, doubt.toUs - SECOND_US) + MARGIN_US;
  return quoteLines.some(
    ({ process, deliveries }) =>
      process !== doubt.line.process &&
      deliveries.some(
        (quote) =>
          quote.symbol === symbol &&
          quote.receivedUs > fromUs &&
          quote.receivedUs < doubt.soonestUs - MARGIN_US,
      ),
  );
}

/** How far the clocks of ingestors may be from the truth. */
function clockSlackUs({ ingestEvents }: SimulationResult['scenario']): Micros {
  return ingestEvents.reduce(
    (sum, { kind, ms }) => sum + (kind === 'clock-step' ? Math.abs(ms) * 1_000 : 0),
    0,
  );
}

function overlap(a: Stretch, b: Stretch): boolean {
  return a.fromUs < b.toUs && b.fromUs < a.toUs && a.fromUs < a.toUs;
}
