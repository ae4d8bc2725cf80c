import type { AlarmRule } from '../../../shared/alarms/alarm-family.ts';
import type { Millis } from '../../../shared/units.ts';
import { type AlarmState, breaches, type DataPoint, type Evaluation } from './evaluate-alarm.ts';

const WORDS = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
} as const;

/** `NewStateReason` in CloudWatch's own words; they were read from messages that AWS sent. */
export function stateReason(
  rule: AlarmRule,
  evaluation: Evaluation,
  state: AlarmState,
  pointAt: (position: number) => { readonly value: DataPoint; readonly startMs: Millis },
): string {
  const { filled, evaluated } = evaluation;
  const periods = rule.evaluationPeriods;
  if (state === 'INSUFFICIENT_DATA') {
    const count = Math.max(1, filled);
    return `Insufficient Data: ${count} ${plural('datapoint', count)} ${was(count)} unknown.`;
  }
  const treated = rule.missingData === 'breaching' ? 'Breaching' : 'NonBreaching';
  const missing = `${filled} missing ${plural('datapoint', filled)} ${was(filled)} treated as [${treated}]`;
  if (evaluated.length === 0) {
    return `Threshold Crossed: no datapoints were received for ${periods} ${plural('period', periods)} and ${missing}.`;
  }
  const alarm = state === 'ALARM';
  const named = evaluated
    .map(pointAt)
    .filter(({ value }) => breaches(value, rule) === alarm)
    .map(({ value, startMs }) => `${javaDouble(value ?? 0)} (${shortTime(startMs)})`);
  const from = alarm ? 'OK -> ALARM' : 'ALARM -> OK';
  const minimum = alarm ? rule.datapointsToAlarm : periods - rule.datapointsToAlarm + 1;
  const verb = `${was(named.length)}${alarm ? '' : ' not'} ${WORDS[rule.comparison]}`;
  const filling =
    filled > 0 && (rule.missingData === 'breaching' || rule.missingData === 'notBreaching')
      ? ` and ${missing}`
      : '';
  return (
    `Threshold Crossed: ${named.length} out of the last ${periods} datapoints [${named.join(', ')}] ${verb} ` +
    `the threshold (${javaDouble(rule.threshold)})${filling} ` +
    `(minimum ${minimum} ${plural('datapoint', minimum)} for ${from} transition).`
  );
}

/** A number as Java prints a double: `1.0`, `2.0E7`. */
export function javaDouble(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [digits = '', exponent = '0'] = value.toExponential().split('e');
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** `dd/MM/yy HH:mm:ss`, UTC. */
function shortTime(timeMs: Millis): string {
  const [date = '', time = ''] = new Date(timeMs).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}

function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}

function was(count: number): string {
  return count === 1 ? 'was' : 'were';
}
