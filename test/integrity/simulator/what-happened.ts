import { columnsOf } from '../../shared/window/window-fixtures.ts';
import type { SimulationResult } from './simulation.ts';

/** What a thorough run must have seen, or else it tested less than it says. */
export const MUST_HAPPEN: readonly string[] = [
  'pings of a dead line',
  'pings of a silent line',
  'the exchange’s time asked for while a line was silent',
  'frames held for a paused receiver',
  'lines left while they were paused',
  'aggregates that do not tile',
  'the weight of a minute used up',
  'repair given up',
  'REST hung',
  'REST 418',
  'REST 429',
  'REST 451',
  'REST 503',
  'rows.write refused',
  'rows.write partly',
  'state.writeBlock after',
  'state.writeBlock zombie',
  'state.readBlock zombie',
  'candles repaired',
  'candles repaired-aggregate',
  'candles gap',
  'candles revised for late',
  'candles revised for repair',
  'candles revised for gap',
  'minutes equal',
  'minutes unwitnessed',
  'signals cleared',
];

/** Counts what happened in a simulation, by name. */
export function countHappened(result: SimulationResult, counts: Map<string, number>): void {
  const count = (what: string, by = 1): void => {
    counts.set(what, (counts.get(what) ?? 0) + by);
  };
  for (const [what, by] of result.faults) count(what, by);
  const started = new Set<number>();
  for (const { path, process, outcome } of result.requests) {
    count(`REST ${outcome}`);
    if (!path.endsWith('/time')) continue;
    // A process asks once when it starts.
    if (started.has(process)) count('the exchange’s time asked for while a line was silent');
    started.add(process);
  }
  for (const report of result.reports) {
    if (report.kind === 'repair-gone') count('repair given up');
    const why = report.kind === 'repair-later' ? report.why : report.kind === 'start' ? report.message : '';
    if (why.includes('weight budget')) count('the weight of a minute used up');
  }
  for (const row of result.rows.table('candles')) {
    const { coverage, reason, audit } = columnsOf(row);
    count(`candles ${coverage}`);
    if (reason !== undefined) count(`candles revised for ${reason}`);
    if (row.dimensions.some(([, value]) => value === '1m')) count(`minutes ${audit}`);
  }
  for (const row of result.rows.table('signals')) count(`signals ${columnsOf(row).state}`);
}
