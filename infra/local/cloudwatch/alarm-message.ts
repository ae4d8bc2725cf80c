import type { AlarmDefinition } from '../../../shared/alarms/alarm-family.ts';
import type { Millis } from '../../../shared/units.ts';
import type { AlarmState } from './evaluate-alarm.ts';

/** Where the local CloudWatch claims to be. */
export interface LocalAccount {
  /** Such as `eu-west-1`. */
  readonly region: string;
  /** As it stands in messages, such as `EU (Ireland)`. */
  readonly regionName: string;
  readonly accountId: string;
  readonly topicArn: string;
}

/** An account that cannot be mistaken for a real one. */
export const LOCAL_ACCOUNT: LocalAccount = {
  region: 'eu-west-1',
  regionName: 'EU (Ireland)',
  accountId: '000000000000',
  topicArn: 'arn:aws:sns:eu-west-1:000000000000:market-alarms',
};

/** A state change of an alarm. */
export interface StateChange {
  readonly alarm: AlarmDefinition;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
  readonly timeMs: Millis;
}

/** What CloudWatch publishes to SNS: `subject` and the JSON text that stands in `Records[].Sns.Message`. */
export function alarmMessage(
  change: StateChange,
  account: LocalAccount,
  createdMs: Millis,
): { readonly subject: string; readonly message: string } {
  const { alarm } = change;
  const percentile = alarm.statistic.startsWith('p');
  const message = {
    AlarmName: alarm.name,
    AlarmDescription: alarm.fullDescription,
    AWSAccountId: account.accountId,
    AlarmConfigurationUpdatedTimestamp: awsTime(createdMs),
    NewStateValue: change.to,
    NewStateReason: change.reason,
    StateChangeTime: awsTime(change.timeMs),
    Region: account.regionName,
    AlarmArn: `arn:aws:cloudwatch:${account.region}:${account.accountId}:alarm:${alarm.name}`,
    OldStateValue: change.from,
    OKActions: [account.topicArn],
    AlarmActions: [account.topicArn],
    InsufficientDataActions: [],
    Trigger: {
      MetricName: alarm.metric,
      Namespace: alarm.namespace,
      StatisticType: percentile ? 'ExtendedStatistic' : 'Statistic',
      ...(percentile ? { ExtendedStatistic: alarm.statistic } : { Statistic: STATISTICS[alarm.statistic] }),
      Unit: null,
      Dimensions: alarm.dimensions.map(([name, value]) => ({ value, name })),
      Period: alarm.periodSeconds,
      EvaluationPeriods: alarm.evaluationPeriods,
      DatapointsToAlarm: alarm.datapointsToAlarm,
      ComparisonOperator: alarm.comparison,
      Threshold: alarm.threshold,
      TreatMissingData: alarm.missingData,
      EvaluateLowSampleCountPercentile: '',
    },
  };
  return {
    subject: `${change.to}: "${alarm.name}" in ${account.regionName}`.slice(0, 100),
    message: JSON.stringify(message),
  };
}

const STATISTICS: Readonly<Record<string, string>> = {
  Sum: 'SUM',
  Average: 'AVERAGE',
  Minimum: 'MINIMUM',
  Maximum: 'MAXIMUM',
  SampleCount: 'SAMPLE_COUNT',
};

/** `2026-11-21T12:00:00.000+0000` */
function awsTime(timeMs: Millis): string {
  return new Date(timeMs).toISOString().replace('Z', '+0000');
}
