import { Arn, ArnFormat, Fn, type Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * What may be done on the cluster by IAM, written out topic by topic and group by group.
 * @see https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html
 */
export class KafkaAccess {
  readonly #stack: Stack;
  readonly clusterArn: string;
  readonly #clusterName: string;

  constructor(stack: Stack, clusterArn: string, clusterName: string) {
    this.#stack = stack;
    this.clusterArn = clusterArn;
    this.#clusterName = clusterName;
  }

  /** To find the brokers and log in. */
  grantConnect(grantee: IGrantable): void {
    allow(grantee, ['kafka-cluster:Connect', 'kafka-cluster:DescribeCluster'], [this.clusterArn]);
  }

  /** To ask MSK where the brokers are. */
  grantBootstrap(grantee: IGrantable): void {
    allow(grantee, ['kafka:GetBootstrapBrokers'], [this.clusterArn]);
  }

  /** To write as an idempotent producer. */
  grantWrite(grantee: IGrantable, topics: readonly string[]): void {
    allow(grantee, ['kafka-cluster:WriteDataIdempotently'], [this.clusterArn]);
    allow(grantee, ['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'], this.#topics(topics));
  }

  grantRead(grantee: IGrantable, topics: readonly string[]): void {
    allow(grantee, ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], this.#topics(topics));
  }

  /** To see topics as they were made. */
  grantDescribe(grantee: IGrantable, topics: readonly string[]): void {
    const actions = ['kafka-cluster:DescribeTopic', 'kafka-cluster:DescribeTopicDynamicConfiguration'];
    allow(grantee, actions, this.#topics(topics));
  }

  grantGroups(grantee: IGrantable, groups: readonly string[]): void {
    const actions = ['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'];
    allow(
      grantee,
      actions,
      groups.map((group) => this.#arn('group', group)),
    );
  }

  /**
   * What an event source mapping does in the name of its function; CDK's own construct adds none of it.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/msk-permissions.html
   */
  grantMapping(grantee: IGrantable, topics: readonly string[], groups: readonly string[]): void {
    this.grantConnect(grantee);
    allow(
      grantee,
      ['kafka:DescribeCluster', 'kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'],
      [this.clusterArn],
    );
    allow(grantee, ['kafka-cluster:DescribeClusterDynamicConfiguration'], [this.clusterArn]);
    this.grantRead(grantee, topics);
    this.grantGroups(grantee, groups);
  }

  #topics(topics: readonly string[]): readonly string[] {
    return topics.map((topic) => this.#arn('topic', topic));
  }

  /** `arn:aws:kafka:<region>:<account>:topic/<cluster>/<its id>/<topic>`. */
  #arn(resource: 'topic' | 'group', name: string): string {
    const clusterId = Fn.select(2, Fn.split('/', this.clusterArn));
    const resourceName = `${this.#clusterName}/${clusterId}/${name}`;
    return Arn.format(
      { service: 'kafka', resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME },
      this.#stack,
    );
  }
}

function allow(grantee: IGrantable, actions: readonly string[], resources: readonly string[]): void {
  const statement = new PolicyStatement({ actions: [...actions], resources: [...resources] });
  grantee.grantPrincipal.addToPrincipalPolicy(statement);
}
