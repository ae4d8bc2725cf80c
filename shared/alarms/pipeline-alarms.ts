import { HOPS } from '../metrics/metric-catalogue.ts';
import { type AlarmDefinition, alarmOf } from './alarm-family.ts';
import { PIPELINE_FAMILIES } from './pipeline-families.ts';

/** The names, given by the deployment, of what AWS itself measures. */
export interface MeasuredResources {
  /** Names of all functions. */
  readonly functionNames: readonly string[];
  /** Names of those that read a topic. */
  readonly consumerNames: readonly string[];
  /** Name of the queue that holds what notify gave up. */
  readonly notifyDeadLetterQueue: string;
}

/** The pipeline alarms of a deployment. */
export function pipelineAlarms(resources: MeasuredResources): readonly AlarmDefinition[] {
  const instances: Readonly<Record<string, readonly string[]>> = {
    'hop-slow': HOPS,
    'consumer-lag': resources.consumerNames,
    'function-errors': resources.functionNames,
    'notify-failed': [resources.notifyDeadLetterQueue],
  };
  return PIPELINE_FAMILIES.flatMap((family) =>
    (instances[family.family] ?? [null]).map((instance) => alarmOf(family, instance)),
  );
}
