import { alarmCatalogue } from '../../shared/alarms/alarm-catalogue.ts';
import { type AlarmDefinition, fullDescription } from '../../shared/alarms/alarm-family.ts';
import type { AwsResources } from '../../shared/alarms/aws-alarms.ts';
import { MAPPINGS } from '../../shared/mappings.ts';
import { METRIC_NAMESPACE } from '../../shared/metrics/metric-catalogue.ts';
import type { Deployment } from './deployment.ts';
import { deploymentNames } from './deployment-names.ts';

/** What a deployment has that only AWS measures. `uuidOf` gives a mapping's id, which is known once it is made. */
export function awsResources(
  { name, size }: Deployment,
  uuidOf: (mapping: string) => string = (mapping) => mapping,
): AwsResources {
  const { broker } = size;
  return {
    functionNames: functionNames(name),
    cluster: {
      name,
      brokerIds: Array.from({ length: broker.count }, (_, index) => index + 1),
      hasDisks: broker.storageGib !== null,
      hasCpuCredits: broker.instanceType.includes('.t3.'),
    },
    mappings: MAPPINGS.map((mapping) => ({
      name: mapping.name,
      uuid: uuidOf(mapping.name),
      hasDestination: mapping.onFailure !== null,
    })),
  };
}

/**
 * The alarms of a deployment: those of the catalogue, by names that begin with the deployment's, on its own
 * namespace, with their runbook as a link where it is known where the repository can be read.
 */
export function deployedAlarms(deployment: Deployment, aws?: AwsResources): readonly AlarmDefinition[] {
  const { name, symbols, runbookUrl } = deployment;
  const { alarmPrefix, metricNamespace } = deploymentNames(name);
  const base = runbookUrl?.replace(/\/$/, '');
  const catalogue = alarmCatalogue(
    symbols,
    {
      functionNames: functionNames(name),
      consumerNames: consumerNames(name),
      notifyDeadLetterQueue: `${name}-notify-dead-letters`,
    },
    aws,
  );
  return catalogue.map((alarm) => ({
    ...alarm,
    name: `${alarmPrefix}${alarm.name}`,
    namespace: alarm.namespace === METRIC_NAMESPACE ? metricNamespace : alarm.namespace,
    fullDescription: fullDescription(alarm, base === undefined ? alarm.runbook : `${base}/${alarm.runbook}`),
  }));
}

function consumerNames(name: string): readonly string[] {
  return [...new Set(MAPPINGS.map(({ functionName }) => `${name}-${functionName}`))];
}

function functionNames(name: string): readonly string[] {
  return [...consumerNames(name), `${name}-notify`];
}
