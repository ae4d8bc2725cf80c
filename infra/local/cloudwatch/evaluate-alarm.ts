import type { AlarmRule, Comparison } from '../../../shared/alarms/alarm-family.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** The figure of one period; undefined where nothing was reported. */
export type DataPoint = number | undefined;

/** What an evaluation says. `retain`: the alarm stays as it is. `filled`: how many missing points were filled in. */
export interface Evaluation {
  readonly state: AlarmState | 'retain';
  /** Positions in the given points, newest first, of those that were looked at. */
  readonly evaluated: readonly number[];
  readonly filled: number;
}

/**
 * Periods that an evaluation looks back. CloudWatch looks at more than `evaluationPeriods`, "depending on the
 * length of the period"; its documented examples use 5 for 3, so it is two more here.
 */
export function evaluationRange(rule: Pick<AlarmRule, 'evaluationPeriods'>): number {
  return rule.evaluationPeriods + 2;
}

/**
 * Evaluates the points of the evaluation range, newest first, as CloudWatch does: with enough real points only
 * they count; else what is missing is filled as the rule says, as rarely as possible.
 *
 * Two special cases of `missing` and `ignore`, where all real points breach and are fewer than needed. Is the
 * oldest as old as `datapointsToAlarm`, the alarm is due ("premature alarm state"): `missing` goes to ALARM,
 * `ignore` stays. Is it younger, the next point may yet be good: `ignore` stays, and `missing` has insufficient
 * data, as an earlier edition of the page has it (`- - - - X`); the present one says only that it is no alarm.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function evaluateAlarm(points: readonly DataPoint[], rule: AlarmRule): Evaluation {
  const real = [...points.keys()].filter((position) => points[position] !== undefined);
  const evaluated = real.slice(0, rule.evaluationPeriods);
  const filled = rule.evaluationPeriods - evaluated.length;
  const bad = evaluated.filter((position) => breaches(points[position], rule)).length;
  const decided = (state: Evaluation['state']): Evaluation => ({ state, evaluated, filled });

  if (bad >= rule.datapointsToAlarm) return decided('ALARM');
  if (filled === 0 || rule.missingData === 'notBreaching') return decided('OK');
  if (rule.missingData === 'breaching') {
    return decided(bad + filled >= rule.datapointsToAlarm ? 'ALARM' : 'OK');
  }
  const ignore = rule.missingData === 'ignore';
  if (real.length === 0) return decided(ignore ? 'retain' : 'INSUFFICIENT_DATA');
  if (bad < evaluated.length) return decided('OK');
  if (ignore) return decided('retain');
  const oldest = real.at(-1) ?? 0;
  return decided(oldest + 1 >= rule.datapointsToAlarm ? 'ALARM' : 'INSUFFICIENT_DATA');
}

/** Whether a figure is on the wrong side of the threshold. */
export function breaches(point: DataPoint, rule: Pick<AlarmRule, 'comparison' | 'threshold'>): boolean {
  return point !== undefined && COMPARE[rule.comparison](point, rule.threshold);
}

const COMPARE: Readonly<Record<Comparison, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};
