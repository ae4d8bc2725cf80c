import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Deployable } from '../../../shared/settings/deployable-settings.ts';
import type { Bundle } from '../bundle.ts';
import type { Size } from '../sizes.ts';
import { acknowledge } from './acknowledge.ts';

/** What a function is made of. */
export interface PipelineFunctionProps {
  readonly deployable: Exclude<Deployable, 'ingest' | 'operator'>;
  readonly functionName: string;
  readonly description: string;
  readonly bundle: Bundle;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMib: number;
  readonly timeoutMs: number;
  readonly size: Size;
  /** For functions that write to Kafka. */
  readonly inside?: {
    readonly vpc: IVpc;
    readonly subnets: readonly ISubnet[];
    readonly securityGroup: ISecurityGroup;
  };
  readonly reservedConcurrency?: number | null;
}

/** What Lambda needs to put a network interface into the VPC; none of these knows a resource before it is made. */
const INTERFACE_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeSubnets',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeVpcs',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** A function of the pipeline: its bundle on Node 24 and arm64, its own role and log group, traced. */
export class PipelineFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    super(scope, id);
    const { inside, reservedConcurrency } = props;
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What ${props.functionName} may do`,
    });
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${props.functionName}`,
      retention: props.size.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    logGroup.grantWrite(this.role);
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName: props.functionName,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(props.bundle.dir),
      handler: 'index.handler',
      role: this.role,
      logGroup,
      memorySize: props.memoryMib,
      timeout: Duration.millis(props.timeoutMs),
      tracing: Tracing.ACTIVE,
      environment: { ...props.environment, NODE_OPTIONS: '--enable-source-maps' },
      ...(inside !== undefined && {
        vpc: inside.vpc,
        vpcSubnets: { subnets: [...inside.subnets] },
        securityGroups: [inside.securityGroup],
      }),
      ...(typeof reservedConcurrency === 'number' && { reservedConcurrentExecutions: reservedConcurrency }),
    });
    acknowledge(
      this.lambda,
      'Never called asynchronously: its mapping calls it and has the destination of what fails.',
      'Serverless-LambdaDLQ',
    );
    acknowledge(
      this.role,
      'X-Ray and the endpoint of Timestream know no resources; that of a network interface is not known before it is made.',
      'AwsSolutions-IAM5[Resource::*]',
    );
  }

  /** What a function in a VPC, or behind an MSK mapping, needs of EC2. */
  allowInterfaces(): void {
    this.role.addToPolicy(new PolicyStatement({ actions: INTERFACE_ACTIONS, resources: ['*'] }));
  }

  get stack(): Stack {
    return Stack.of(this);
  }
}
