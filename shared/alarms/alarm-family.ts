import type { Severity } from '../events/signal.ts';

/** What an alarm does with periods for which there is no data. */
export type MissingData = 'breaching' | 'notBreaching' | 'ignore' | 'missing';

export type Comparison =
  | 'GreaterThanThreshold'
  | 'GreaterThanOrEqualToThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

/** A CloudWatch statistic, or a percentile such as `p99`. */
export type Statistic = 'Sum' | 'Average' | 'Minimum' | 'Maximum' | 'SampleCount' | `p${number}`;

/** How alarms of one kind judge their metric. */
export interface AlarmRule {
  readonly statistic: Statistic;
  /** 10 and 30 need a metric of high resolution; else multiples of 60. */
  readonly periodSeconds: number;
  /** M of N: so many of the last `evaluationPeriods` periods must breach. */
  readonly datapointsToAlarm: number;
  readonly evaluationPeriods: number;
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly missingData: MissingData;
}

/** Alarms that differ only in the thing they watch: a symbol, a function, a hop. One runbook serves them. */
export interface AlarmFamily extends AlarmRule {
  /** The alarm's name, or what it begins with; also the runbook's. */
  readonly family: string;
  readonly severity: Severity;
  /** What has happened, in a few words. */
  readonly title: string;
  /** What it means, in a sentence or two. */
  readonly description: string;
  readonly namespace: string;
  readonly metric: string;
  readonly unit: string | null;
  /** The dimension whose value tells the alarms of the family apart; null where there is one alarm only. */
  readonly instanceDimension: string | null;
}

/** An alarm as CDK makes it and the local run evaluates it. */
export interface AlarmDefinition extends AlarmFamily {
  readonly name: string;
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  /** Path from the root of the repository. */
  readonly runbook: string;
  /** The description with severity and runbook: what stands in CloudWatch and in its messages. */
  readonly fullDescription: string;
}

/** What stands in CloudWatch and in its messages; `runbook` is a path, or an address where there is one. */
export function fullDescription(
  { description, severity }: Pick<AlarmFamily, 'description' | 'severity'>,
  runbook: string,
): string {
  return `${description} Severity: ${severity}. Runbook: ${runbook}`;
}

/** The runbook of a family, as a path from the root of the repository. */
export function runbookOf(family: string): string {
  return `docs/runbooks/${family}.md`;
}

/** The alarm of a family that watches one thing; `extra` are dimensions beside the one that tells them apart. */
export function alarmOf(
  family: AlarmFamily,
  instance: string | null,
  extra: readonly (readonly [name: string, value: string])[] = [],
  rule: Partial<AlarmRule & Pick<AlarmFamily, 'metric'>> = {},
): AlarmDefinition {
  const runbook = runbookOf(family.family);
  const own: readonly (readonly [string, string])[] =
    family.instanceDimension === null || instance === null ? [] : [[family.instanceDimension, instance]];
  return {
    ...family,
    ...rule,
    name: instance === null ? family.family : `${family.family}-${instance}`,
    dimensions: [...extra, ...own],
    runbook,
    fullDescription: fullDescription(family, runbook),
  };
}
