import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnScalableTarget, CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnCluster, CfnConfiguration, CfnTopic } from 'aws-cdk-lib/aws-msk';
import { Construct } from 'constructs';
import type { TopicSpec } from '../../../shared/log/log.ts';
import type { Size } from '../sizes.ts';
import type { Network } from './network.ts';

/** KRaft; topics as resources need 3.6 or newer. */
export const KAFKA_VERSION = '3.9.x.kraft';

/** What the stream is made of. */
export interface StreamProps {
  readonly name: string;
  readonly size: Size;
  readonly network: Network;
  readonly topics: readonly TopicSpec[];
  /** What one partition may hold, by topic. */
  readonly retentionBytes: ReadonlyMap<string, number>;
}

/** The log on AWS: a provisioned MSK cluster with IAM and TLS alone, and its topics as resources. */
export class Stream extends Construct {
  readonly clusterArn: string;
  readonly clusterName: string;

  constructor(scope: Construct, id: string, props: StreamProps) {
    super(scope, id);
    const { name, size, network } = props;
    const { broker } = size;
    this.clusterName = name;
    const logs = new LogGroup(this, 'BrokerLogs', {
      retention: size.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const configuration = new CfnConfiguration(this, 'Configuration', {
      name: `${name}-${size.name}`,
      kafkaVersionsList: [KAFKA_VERSION],
      serverProperties: serverProperties(size),
    });
    const cluster = new CfnCluster(this, 'Cluster', {
      clusterName: name,
      kafkaVersion: KAFKA_VERSION,
      numberOfBrokerNodes: broker.count,
      brokerNodeGroupInfo: {
        instanceType: broker.instanceType,
        clientSubnets: network.privateSubnets.map((subnet) => subnet.subnetId),
        securityGroups: [network.brokers.securityGroupId],
        ...(broker.storageGib !== null && {
          storageInfo: { ebsStorageInfo: { volumeSize: broker.storageGib.least } },
        }),
      },
      clientAuthentication: { sasl: { iam: { enabled: true } }, unauthenticated: { enabled: false } },
      encryptionInfo: { encryptionInTransit: { clientBroker: 'TLS', inCluster: true } },
      configurationInfo: {
        arn: configuration.attrArn,
        // A token stands for a number here.
        revision: configuration.attrLatestRevisionRevision,
      },
      enhancedMonitoring: 'PER_BROKER',
      loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: logs.logGroupName } } },
    });
    cluster.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    this.clusterArn = cluster.attrArn;
    for (const topic of props.topics) this.#topic(topic, size, props.retentionBytes.get(topic.name));
    if (broker.storageGib !== null) this.#growingStorage(broker.storageGib);
  }

  #topic(topic: TopicSpec, size: Size, bytes: number | undefined): void {
    const configs = {
      'cleanup.policy': topic.compacted ? 'compact' : 'delete',
      'retention.ms': String(topic.retentionMs),
      ...(bytes !== undefined && { 'retention.bytes': String(bytes) }),
    };
    new CfnTopic(this, `Topic-${topic.name}`, {
      clusterArn: this.clusterArn,
      topicName: topic.name,
      partitionCount: topic.partitions,
      replicationFactor: size.replication,
      configs: Buffer.from(JSON.stringify(configs)).toString('base64'),
    }).applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  }

  /** Brokers' disks grow by themselves; MSK never makes them smaller. */
  #growingStorage(storageGib: { readonly least: number; readonly most: number }): void {
    const dimension = 'kafka:broker-storage:VolumeSize';
    const target = new CfnScalableTarget(this, 'Storage', {
      serviceNamespace: 'kafka',
      scalableDimension: dimension,
      resourceId: this.clusterArn,
      minCapacity: 1,
      maxCapacity: storageGib.most,
    });
    new CfnScalingPolicy(this, 'StorageGrowth', {
      policyName: 'broker-storage',
      policyType: 'TargetTrackingScaling',
      scalingTargetId: target.ref,
      targetTrackingScalingPolicyConfiguration: {
        targetValue: 60,
        disableScaleIn: true,
        predefinedMetricSpecification: { predefinedMetricType: 'KafkaBrokerStorageUtilization' },
      },
    });
  }
}

/** Express brokers set replication and durability themselves and refuse those properties. */
function serverProperties(size: Size): string {
  const common = ['auto.create.topics.enable=false'];
  if (size.broker.storageGib === null) return common.join('\n');
  return [
    ...common,
    `default.replication.factor=${size.replication}`,
    `min.insync.replicas=${size.replication - 1}`,
    'unclean.leader.election.enable=false',
  ].join('\n');
}
