import { Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import { acknowledge } from './acknowledge.ts';

/** The port of MSK's brokers with IAM. */
export const KAFKA_IAM_PORT = 9098;

/** What of a deployment decides its network. */
export type NetworkChoices = Pick<Deployment, 'size' | 'polling' | 'timestreamCell'>;

/**
 * Whether the private subnets need a way out: to Timestream, unless the account's cell is known, and for polling on
 * demand, which calls Lambda and STS.
 */
export function needsNat({ polling, timestreamCell }: Omit<NetworkChoices, 'size'>): boolean {
  return polling === 'on-demand' || timestreamCell === null;
}

/**
 * The network: public subnets for ingest (a public address, nothing comes in), private ones for brokers and
 * functions. DynamoDB and S3 are reached by gateway endpoints, which cost nothing; Timestream, whose private
 * endpoints belong to an account's cell and cannot be synthesised without its name, by that endpoint or through
 * one NAT.
 */
export class Network extends Construct {
  readonly vpc: ec2.IVpc;
  /** Of the brokers; the mappings' pollers use it too. */
  readonly brokers: ec2.SecurityGroup;
  readonly ingest: ec2.SecurityGroup;
  readonly functions: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, props: NetworkChoices) {
    super(scope, id);
    const { size, timestreamCell } = props;
    const hasNat = needsNat(props);
    const zones = Array.from({ length: size.zones }, (_, index) => Fn.select(index, Fn.getAzs()));
    const nat = hasNat && size.nat === 'instance' ? natInstance() : undefined;
    const vpc = new ec2.Vpc(this, 'Vpc', {
      availabilityZones: zones,
      natGateways: hasNat ? 1 : 0,
      ...(hasNat && { natGatewayProvider: nat ?? ec2.NatProvider.gateway() }),
      // Nothing here is a member of the VPC's default group, and it lets in its members alone. To empty it takes a
      // function of CDK's own, with the right to change rules of groups: more than it would close.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        {
          name: 'private',
          subnetType: hasNat ? ec2.SubnetType.PRIVATE_WITH_EGRESS : ec2.SubnetType.PRIVATE_ISOLATED,
          cidrMask: 22,
        },
      ],
      gatewayEndpoints: {
        dynamodb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
        s3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
      },
    });
    // The class differs from its interface by an optional property, which exact types tell apart.
    this.vpc = vpc as ec2.IVpc;
    if (nat !== undefined) {
      for (const { ipv4CidrBlock } of vpc.privateSubnets) {
        nat.securityGroup.addIngressRule(
          ec2.Peer.ipv4(ipv4CidrBlock),
          ec2.Port.allTraffic(),
          'private subnets',
        );
      }
      acknowledge(
        vpc,
        'A NAT instance of size dev: it keeps nothing, and CloudFormation makes it anew.',
        'AwsSolutions-EC26',
        'AwsSolutions-EC28',
        'AwsSolutions-EC29',
      );
    }
    vpc.addFlowLog('Refused', {
      trafficType: ec2.FlowLogTrafficType.REJECT,
      destination: ec2.FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, 'RefusedTraffic', {
          retention: size.logDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      ),
    });
    this.brokers = this.#group('Brokers', 'MSK brokers, and the pollers of the mappings');
    this.ingest = this.#group('Ingest', 'Ingest: it goes out to the exchange, nothing comes in');
    this.functions = this.#group('Functions', 'Functions that write to Kafka; nothing comes in');
    const port = ec2.Port.tcp(KAFKA_IAM_PORT);
    this.brokers.addIngressRule(this.brokers, port, 'the pollers of the mappings');
    this.brokers.addIngressRule(this.ingest, port, 'ingest');
    this.brokers.addIngressRule(this.functions, port, 'validate and aggregate');
    if (timestreamCell !== null) this.#cellEndpoint(vpc, timestreamCell);
  }

  /** Where the private subnets are, whichever way out they have. */
  get privateSubnets(): readonly ec2.ISubnet[] {
    const { vpc } = this;
    return vpc.privateSubnets.length > 0 ? vpc.privateSubnets : vpc.isolatedSubnets;
  }

  /**
   * Timestream's way of writing from inside. Its name is private to the whole VPC, so that tasks in the public
   * subnets reach it too. Nothing here queries: notify and Grafana stand outside.
   */
  #cellEndpoint(vpc: ec2.Vpc, cell: string): void {
    const group = this.#group('Timestream', 'The endpoint of Timestream for writing');
    const https = ec2.Port.tcp(443);
    group.addIngressRule(this.functions, https, 'aggregate');
    group.addIngressRule(this.ingest, https, 'tasks of the ingest image');
    const { region } = Stack.of(this);
    vpc.addInterfaceEndpoint('TimestreamIngest', {
      service: new ec2.InterfaceVpcEndpointService(`com.amazonaws.${region}.timestream.ingest-${cell}`),
      privateDnsEnabled: true,
      subnets: { subnets: [...this.privateSubnets] },
      securityGroups: [group],
      open: false,
    });
  }

  #group(id: string, description: string): ec2.SecurityGroup {
    return new ec2.SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: true });
  }
}

function natInstance(): ec2.NatInstanceProviderV2 {
  return ec2.NatProvider.instanceV2({
    instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.NANO),
    defaultAllowedTraffic: ec2.NatTrafficDirection.OUTBOUND_ONLY,
    // The public subnets give out no addresses, and without one nothing leaves.
    associatePublicIpAddress: true,
  });
}
