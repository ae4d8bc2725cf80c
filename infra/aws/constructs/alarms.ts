import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  Metric,
  TreatMissingData,
  type Unit,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { AlarmDefinition, Comparison, MissingData } from '../../../shared/alarms/alarm-family.ts';

const COMPARISONS: Readonly<Record<Comparison, ComparisonOperator>> = {
  GreaterThanThreshold: ComparisonOperator.GREATER_THAN_THRESHOLD,
  GreaterThanOrEqualToThreshold: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  LessThanThreshold: ComparisonOperator.LESS_THAN_THRESHOLD,
  LessThanOrEqualToThreshold: ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
};

const MISSING: Readonly<Record<MissingData, TreatMissingData>> = {
  breaching: TreatMissingData.BREACHING,
  notBreaching: TreatMissingData.NOT_BREACHING,
  ignore: TreatMissingData.IGNORE,
  missing: TreatMissingData.MISSING,
};

/** The metric that an alarm judges. */
export function metricOf(alarm: AlarmDefinition): Metric {
  return new Metric({
    namespace: alarm.namespace,
    metricName: alarm.metric,
    dimensionsMap: Object.fromEntries(alarm.dimensions),
    statistic: alarm.statistic,
    period: Duration.seconds(alarm.periodSeconds),
    ...(alarm.unit !== null && { unit: alarm.unit as Unit }),
  });
}

/** A CloudWatch alarm of a definition of the catalogue; it tells its beginning and its end. */
export function catalogueAlarm(scope: Construct, alarm: AlarmDefinition, action: IAlarmAction): Alarm {
  const made = new Alarm(scope, `Alarm-${alarm.name}`, {
    alarmName: alarm.name,
    alarmDescription: alarm.fullDescription,
    metric: metricOf(alarm),
    threshold: alarm.threshold,
    evaluationPeriods: alarm.evaluationPeriods,
    datapointsToAlarm: alarm.datapointsToAlarm,
    comparisonOperator: COMPARISONS[alarm.comparison],
    treatMissingData: MISSING[alarm.missingData],
  });
  made.addAlarmAction(action);
  made.addOkAction(action);
  return made;
}
