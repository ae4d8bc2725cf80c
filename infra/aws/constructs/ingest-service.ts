import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import { operatorNames } from '../operator/operator-names.ts';
import { acknowledge } from './acknowledge.ts';
import { ingestImage } from './ingest-image.ts';
import type { Network } from './network.ts';

/** What the service is made of. */
export interface IngestServiceProps {
  readonly deployment: Deployment;
  readonly network: Network;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Ingest as one long-running task. At a deploy the new task stands beside the old one for a while, which the ids
 * make harmless; one that does not become healthy, which takes a connection to the exchange, is taken back.
 */
export class IngestService extends Construct {
  readonly taskRole: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: IngestServiceProps) {
    super(scope, id);
    const { deployment, network } = props;
    const { size, name } = deployment;
    const cluster = new ecs.Cluster(this, 'Cluster', {
      clusterName: operatorNames(name).cluster,
      vpc: network.vpc,
      containerInsightsV2: size.containerInsights
        ? ecs.ContainerInsights.ENABLED
        : ecs.ContainerInsights.DISABLED,
    });
    if (!size.containerInsights) {
      acknowledge(cluster, 'Size dev does without: ingest has metrics of its own.', 'AwsSolutions-ECS4');
    }
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/${name}/ingest`,
      retention: size.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const task = new ecs.FargateTaskDefinition(this, 'Task', {
      family: `${name}-ingest`,
      cpu: size.ingest.cpuUnits,
      memoryLimitMiB: size.ingest.memoryMib,
      runtimePlatform: {
        cpuArchitecture: ecs.CpuArchitecture.ARM64,
        operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
      },
    });
    task.addContainer('ingest', {
      image: ingestImage(),
      environment: { ...props.environment },
      logging: ecs.LogDrivers.awsLogs({ logGroup: this.logGroup, streamPrefix: 'ingest' }),
      readonlyRootFilesystem: true,
      user: 'node',
      stopTimeout: Duration.seconds(60),
      healthCheck: {
        command: ['CMD', 'node', '/app/health-check.mjs'],
        interval: Duration.seconds(15),
        timeout: Duration.seconds(5),
        retries: 3,
        // The most that ECS allows: taking up the ledger and opening the sockets fall into it.
        startPeriod: Duration.minutes(5),
      },
      linuxParameters: new ecs.LinuxParameters(this, 'Linux', { initProcessEnabled: true }),
    });
    this.taskRole = task.taskRole as Role;
    new ecs.FargateService(this, 'Service', {
      serviceName: operatorNames(name).service,
      // The class differs from its interface by an optional property, which exact types tell apart.
      cluster: cluster as ecs.ICluster,
      taskDefinition: task,
      desiredCount: 1,
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { enable: true, rollback: true },
      assignPublicIp: true,
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      securityGroups: [network.ingest],
    });
    acknowledge(task, 'The variables hold no secret: ingest logs in by its role.', 'AwsSolutions-ECS2');
    if (task.executionRole !== undefined) {
      acknowledge(
        task.executionRole,
        'Asking the image registry for a token knows no resource.',
        'AwsSolutions-IAM5[Resource::*]',
      );
    }
  }
}
