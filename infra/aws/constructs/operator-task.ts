import { RemovalPolicy } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import { operatorNames } from '../operator/operator-names.ts';
import { acknowledge } from './acknowledge.ts';
import { ingestImage } from './ingest-image.ts';

/** What the task is made of. */
export interface OperatorTaskProps {
  readonly deployment: Deployment;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * A rebuild and a certificate hold a week of one symbol's candles and append times in memory; a task of this size
 * does so for busy symbols, and costs about 5 US cents an hour while it runs.
 */
const CPU_UNITS = 1_024;
const MEMORY_MIB = 4_096;

/**
 * The operator's commands as one-off tasks: nothing runs until a person starts one. They are the second program of
 * ingest's image, with a role and a log of their own.
 */
export class OperatorTask extends Construct {
  readonly taskRole: Role;

  constructor(scope: Construct, id: string, props: OperatorTaskProps) {
    super(scope, id);
    const { name, size } = props.deployment;
    const names = operatorNames(name);
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: names.logGroup,
      retention: size.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const task = new ecs.FargateTaskDefinition(this, 'Task', {
      family: names.family,
      cpu: CPU_UNITS,
      memoryLimitMiB: MEMORY_MIB,
      runtimePlatform: {
        cpuArchitecture: ecs.CpuArchitecture.ARM64,
        operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
      },
    });
    task.addContainer(names.container, {
      image: ingestImage(),
      entryPoint: ['node', `--max-old-space-size=${MEMORY_MIB - 512}`, '/app/operator/index.mjs'],
      // Whoever starts a task says more.
      command: ['--help'],
      environment: { ...props.environment },
      logging: ecs.LogDrivers.awsLogs({
        logGroup,
        streamPrefix: names.logPrefix,
        // The output is the result: rather wait than lose a line, which ECS does by default.
        mode: ecs.AwsLogDriverMode.BLOCKING,
      }),
      readonlyRootFilesystem: true,
      user: 'node',
      linuxParameters: new ecs.LinuxParameters(this, 'Linux', { initProcessEnabled: true }),
    });
    this.taskRole = task.taskRole as Role;
    acknowledge(
      task,
      'The variables hold no secret: the commands log in by their role.',
      'AwsSolutions-ECS2',
    );
    acknowledge(
      this.taskRole,
      'Asking Timestream for its endpoint knows no resource.',
      'AwsSolutions-IAM5[Resource::*]',
    );
    if (task.executionRole !== undefined) {
      acknowledge(
        task.executionRole,
        'Asking the image registry for a token knows no resource.',
        'AwsSolutions-IAM5[Resource::*]',
      );
    }
  }
}
