import { type AlarmDefinition, alarmOf } from './alarm-family.ts';
import { AWS_FAMILIES } from './aws-families.ts';

/** What of a deployment exists on AWS alone. The local run has none of it, and so none of its alarms. */
export interface AwsResources {
  readonly functionNames: readonly string[];
  readonly cluster: {
    readonly name: string;
    readonly brokerIds: readonly number[];
    /** Express brokers have no disks of their own. */
    readonly hasDisks: boolean;
    /** Of burstable classes. */
    readonly hasCpuCredits: boolean;
  };
  readonly mappings: readonly {
    readonly name: string;
    /** What CloudWatch knows it by. */
    readonly uuid: string;
    readonly hasDestination: boolean;
  }[];
}

/** The alarms of what exists on AWS alone. */
export function awsAlarms({ functionNames, cluster, mappings }: AwsResources): readonly AlarmDefinition[] {
  const brokers = cluster.brokerIds.map(String);
  const given = mappings.filter(({ hasDestination }) => hasDestination);
  const instances: Readonly<Record<string, readonly string[]>> = {
    'broker-disk': cluster.hasDisks ? brokers : [],
    'broker-credits': cluster.hasCpuCredits ? brokers : [],
    'function-throttled': functionNames,
    'mapping-dropped': mappings.map(({ name }) => name),
    'mapping-undelivered': given.map(({ name }) => name),
  };
  return AWS_FAMILIES.flatMap((family) =>
    (instances[family.family] ?? []).map((instance) => {
      if (family.namespace === 'AWS/Kafka')
        return alarmOf(family, instance, [['Cluster Name', cluster.name]]);
      const alarm = alarmOf(family, instance);
      const mapping = mappings.find(({ name }) => name === instance);
      // A mapping is called by its name, and known to CloudWatch by another.
      return family.instanceDimension === 'EventSourceMappingUUID' && mapping !== undefined
        ? { ...alarm, dimensions: [[family.instanceDimension, mapping.uuid]] }
        : alarm;
    }),
  );
}
