import type { AlarmFamily } from './alarm-family.ts';
import { atLeast } from './pipeline-families.ts';

const BROKERS: readonly AlarmFamily[] = [
  {
    ...atLeast(80, 60),
    family: 'broker-disk',
    severity: 'critical',
    title: 'A broker’s disk fills',
    description: 'The disk of a broker is four fifths full: it grows too slowly, or may grow no further.',
    namespace: 'AWS/Kafka',
    metric: 'KafkaDataLogsDiskUsed',
    unit: null,
    statistic: 'Maximum',
    datapointsToAlarm: 3,
    evaluationPeriods: 3,
    missingData: 'ignore',
    instanceDimension: 'Broker ID',
  },
  // An hour, because a new broker begins with no credits and earns 24 an hour.
  {
    ...atLeast(10, 300),
    family: 'broker-credits',
    severity: 'warning',
    title: 'A broker is out of CPU credits',
    description:
      'A broker of a burstable class has had no CPU credits to speak of for an hour: it is slowed down.',
    namespace: 'AWS/Kafka',
    metric: 'CPUCreditBalance',
    unit: null,
    statistic: 'Maximum',
    comparison: 'LessThanThreshold',
    datapointsToAlarm: 12,
    evaluationPeriods: 12,
    missingData: 'ignore',
    instanceDimension: 'Broker ID',
  },
];

const LAMBDA: readonly AlarmFamily[] = [
  {
    ...atLeast(1, 60),
    family: 'function-throttled',
    severity: 'warning',
    title: 'A function is throttled',
    description:
      'Lambda has refused to start a function in three of five minutes: too little concurrency is left.',
    namespace: 'AWS/Lambda',
    metric: 'Throttles',
    unit: null,
    datapointsToAlarm: 3,
    evaluationPeriods: 5,
    instanceDimension: 'FunctionName',
  },
  {
    ...atLeast(1, 60),
    family: 'mapping-dropped',
    severity: 'warning',
    title: 'A mapping gave records up',
    description: 'A function failed on records until their retries were used up. They are dead letters now.',
    namespace: 'AWS/Lambda',
    metric: 'DroppedEventCount',
    unit: null,
    instanceDimension: 'EventSourceMappingUUID',
  },
  {
    ...atLeast(1, 60),
    family: 'mapping-undelivered',
    severity: 'critical',
    title: 'Records given up did not become dead letters',
    description: 'A mapping could not write to the topic of the dead letters what its function did not take.',
    namespace: 'AWS/Lambda',
    metric: 'OnFailureDestinationDeliveryErrorCount',
    unit: null,
    instanceDimension: 'EventSourceMappingUUID',
  },
];

/** The families of what exists on AWS alone: no other run has brokers' disks, throttles or mappings of Lambda. */
export const AWS_FAMILIES: readonly AlarmFamily[] = [...BROKERS, ...LAMBDA];
