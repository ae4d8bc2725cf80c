import type { MarketSymbol } from '../units.ts';
import type { AlarmDefinition, AlarmFamily } from './alarm-family.ts';
import { type AwsResources, awsAlarms } from './aws-alarms.ts';
import { AWS_FAMILIES } from './aws-families.ts';
import { MARKET_FAMILIES, marketAlarms } from './market-alarms.ts';
import { type MeasuredResources, pipelineAlarms } from './pipeline-alarms.ts';
import { PIPELINE_FAMILIES } from './pipeline-families.ts';

/** Every family of alarms: the market's, the pipeline's, and those of what exists on AWS alone. */
export const ALARM_FAMILIES: readonly AlarmFamily[] = [
  ...MARKET_FAMILIES,
  ...PIPELINE_FAMILIES,
  ...AWS_FAMILIES,
];

/**
 * Every alarm of a deployment: CDK makes CloudWatch alarms of it, the local run evaluates it. Without `aws` there
 * are none of what exists there alone.
 */
export function alarmCatalogue(
  symbols: readonly MarketSymbol[],
  resources: MeasuredResources,
  aws?: AwsResources,
): readonly AlarmDefinition[] {
  return [
    ...marketAlarms(symbols),
    ...pipelineAlarms(resources),
    ...(aws === undefined ? [] : awsAlarms(aws)),
  ];
}

/**
 * The family that an alarm's name belongs to, and what it watches: `market-whale-BTCUSDT` is `market-whale` of
 * `BTCUSDT`. Undefined for an alarm that is not of this catalogue.
 */
export function familyOfAlarm(
  name: string,
): { readonly family: AlarmFamily; readonly instance: string | null } | undefined {
  // `market-volatility-bps-X` also begins with `market-volatility-`: the longest family that fits is the one.
  const family = ALARM_FAMILIES.filter(
    (candidate) => name === candidate.family || name.startsWith(`${candidate.family}-`),
  ).sort((a, b) => b.family.length - a.family.length)[0];
  if (family === undefined) return undefined;
  const instance = name === family.family ? null : name.slice(family.family.length + 1);
  return { family, instance };
}
