import { familyOfAlarm } from '../../shared/alarms/alarm-catalogue.ts';
import { familyOf } from '../../shared/alarms/market-alarms.ts';
import { SEVERITIES, type Severity, SIGNAL_KINDS, type SignalKind } from '../../shared/events/signal.ts';
import type { Millis } from '../../shared/units.ts';

/** A change of an alarm's state, as far as its message told it. */
export interface AlarmChange {
  /** The same for every delivery of the change. */
  readonly id: string;
  readonly name: string;
  readonly state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  readonly timeMs: Millis;
  readonly severity: Severity;
  readonly title: string;
  readonly description: string | null;
  readonly reason: string;
  /** The newest figure that the reason names. */
  readonly value: number | null;
  readonly threshold: number | null;
  /** The metric's name, or the expression of a metric-math alarm. */
  readonly metric: string | null;
  /** Such as `BTCUSDT`, or a function's name. */
  readonly instance: string | null;
  /** Set for market alarms. */
  readonly kind: SignalKind | null;
  /** Path of the runbook; null for an alarm that is not of the catalogue. */
  readonly runbook: string | null;
}

const MAX_TEXT = 500;

/**
 * Reads a CloudWatch alarm from the `Message` of an SNS notification. Fields that real messages lack, have as
 * null, or spell otherwise are taken as they are; undefined only where it is no alarm at all. `prefix` is what a
 * deployment puts before the catalogue's names: the change keeps the whole name, which is the one to look for.
 */
export function readAlarmChange(message: string, prefix = ''): AlarmChange | undefined {
  let body: unknown;
  try {
    body = JSON.parse(message);
  } catch {
    return undefined;
  }
  const name = textOf(body, 'AlarmName');
  const state = (['ALARM', 'OK', 'INSUFFICIENT_DATA'] as const).find(
    (known) => known === fieldOf(body, 'NewStateValue'),
  );
  if (name === null || state === undefined) return undefined;
  const trigger = fieldOf(body, 'Trigger');
  const known = familyOfAlarm(name.startsWith(prefix) ? name.slice(prefix.length) : name);
  const description = textOf(body, 'AlarmDescription');
  const reason = textOf(body, 'NewStateReason') ?? '';
  const changed = textOf(body, 'StateChangeTime') ?? '';
  // "+0000" is not the ISO form that Date must understand.
  const timeMs = Date.parse(changed.replace(/\+0000$/, 'Z'));
  return {
    id: `${textOf(body, 'AlarmArn') ?? name}|${changed}|${state}`,
    name,
    state,
    timeMs: Number.isFinite(timeMs) ? timeMs : 0,
    severity: known?.family.severity ?? severityIn(description),
    title: known?.family.title ?? name,
    description: known?.family.description ?? description,
    reason,
    value: valueIn(reason),
    threshold: numberOf(trigger, 'Threshold'),
    metric: textOf(trigger, 'MetricName') ?? expressionOf(trigger),
    instance: known?.instance ?? dimensionsOf(trigger),
    kind: SIGNAL_KINDS.find((kind) => familyOf(kind) === known?.family.family) ?? null,
    runbook: known === undefined ? null : `docs/runbooks/${known.family.family}.md`,
  };
}

/** The result of metric maths: the label or expression of what the alarm returns. */
function expressionOf(trigger: unknown): string | null {
  const metrics = fieldOf(trigger, 'Metrics');
  if (!Array.isArray(metrics)) return null;
  const returned = metrics.find((metric) => fieldOf(metric, 'ReturnData') === true) ?? metrics[0];
  const single = fieldOf(fieldOf(fieldOf(returned, 'MetricStat'), 'Metric'), 'MetricName');
  return (
    textOf(returned, 'Label') ??
    textOf(returned, 'Expression') ??
    (typeof single === 'string' ? single : null)
  );
}

function dimensionsOf(trigger: unknown): string | null {
  const dimensions = fieldOf(trigger, 'Dimensions');
  if (!Array.isArray(dimensions)) return null;
  // SNS messages write them in lower case, other sources with capitals.
  const values = dimensions
    .map((each) => textOf(each, 'value') ?? textOf(each, 'Value'))
    .filter((value) => value);
  return values.length === 0 ? null : values.join(', ');
}

function severityIn(description: string | null): Severity {
  const word = /severity:\s*(\w+)/i.exec(description ?? '')?.[1]?.toLowerCase();
  return SEVERITIES.find((severity) => severity === word) ?? 'warning';
}

function valueIn(reason: string): number | null {
  const found = /\[(-?[\d.]+(?:E-?\d+)?)/.exec(reason)?.[1];
  const value = Number(found);
  return found === undefined || !Number.isFinite(value) ? null : value;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown, name: string): string | null {
  const field = fieldOf(value, name);
  return typeof field === 'string' && field !== '' ? field.slice(0, MAX_TEXT) : null;
}

function numberOf(value: unknown, name: string): number | null {
  const field = fieldOf(value, name);
  return typeof field === 'number' && Number.isFinite(field) ? field : null;
}
